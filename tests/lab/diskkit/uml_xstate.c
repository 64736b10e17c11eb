// SPDX-License-Identifier: Apache-2.0
// Preloaded into user-mode-linux. Its kernel keeps 2696 bytes of a process's extended registers (to
// PKRU). On processors with more, AMX, the host takes a set of registers only whole and answers
// EFAULT: the rest is filled in here with what the process has. Guests cannot use that rest, as
// they cannot ask the host for the permission.
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

enum { whole_size = 64 << 10, features_at = 512, known_features = 0x3ff };

static long (*real)(int, pid_t, void*, void*);

static long set_whole(pid_t pid, void* kind, const struct iovec* given) {
    static _Alignas(64) unsigned char whole[whole_size];
    struct iovec all = {whole, sizeof whole};
    if (real(PTRACE_GETREGSET, pid, kind, &all) != 0)
        return -1;
    if (given->iov_len < all.iov_len) {
        uint64_t had, wanted;
        memcpy(&had, whole + features_at, sizeof had);
        memcpy(whole, given->iov_base, given->iov_len);
        memcpy(&wanted, whole + features_at, sizeof wanted);
        wanted = (wanted & known_features) | (had & ~(uint64_t)known_features);
        memcpy(whole + features_at, &wanted, sizeof wanted);
    } else {
        memcpy(whole, given->iov_base, all.iov_len);
    }
    return real(PTRACE_SETREGSET, pid, kind, &all);
}

long ptrace(enum __ptrace_request request, ...) {
    va_list list;
    va_start(list, request);
    const pid_t pid = va_arg(list, pid_t);
    void* address = va_arg(list, void*);
    void* data = va_arg(list, void*);
    va_end(list);
    if (!real)
        real = (long (*)(int, pid_t, void*, void*))dlsym(RTLD_NEXT, "ptrace");
    if (request == PTRACE_SETREGSET && (uintptr_t)address == NT_X86_XSTATE)
        return set_whole(pid, address, data);
    return real((int)request, pid, address, data);
}
