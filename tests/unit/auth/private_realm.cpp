// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/auth/private_realm.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace bridge::auth::test {

namespace {

constexpr auto needed = "command -v krb5kdc kdb5_util kadmin.local kinit >/dev/null 2>&1";

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

/// A port that was free a moment ago.
std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
}

bool is_listening(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool out = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return out;
}

} // namespace

private_realm::private_realm() {
    const char* path = std::getenv("PATH");
    setenv("PATH", ((path != nullptr ? path : "") + std::string(":/usr/sbin:/sbin")).c_str(), 1);
    if (!run(needed)) {
        missing_ = "krb5kdc, kdb5_util, kadmin.local or kinit is not installed";
        return;
    }
    const std::uint16_t port = free_port();
    write_configuration(port);
    setenv("KRB5_CONFIG", directory_.file("krb5.conf").c_str(), 1);
    setenv("KRB5_KDC_PROFILE", directory_.file("kdc.conf").c_str(), 1);
    setenv("KRB5CCNAME", ("FILE:" + directory_.file("ccache").string()).c_str(), 1);
    unsetenv("KRB5_KTNAME");
    if (!make_principals())
        missing_ = "the realm's database could not be made";
    else if (!start_kdc(port))
        missing_ = "krb5kdc does not listen";
    else if (!fetch_tickets())
        missing_ = "kinit got no ticket";
    if (!missing_.empty())
        missing_ += ":\n" + log();
}

std::string private_realm::log() const {
    std::ifstream in(directory_.file("log"));
    return {std::istreambuf_iterator<char>(in), {}};
}

private_realm::~private_realm() {
    if (kdc_ > 0) {
        kill(kdc_, SIGTERM);
        waitpid(kdc_, nullptr, 0);
    }
}

void private_realm::write_configuration(std::uint16_t port) const {
    const std::string where = directory_.file("").string();
    directory_.write("krb5.conf", "[libdefaults]\n"
                                  " default_realm = AUTH.TEST\n"
                                  " dns_lookup_kdc = false\n"
                                  " dns_lookup_realm = false\n"
                                  " dns_canonicalize_hostname = false\n"
                                  " qualify_shortname = \"\"\n"
                                  " rdns = false\n"
                                  " udp_preference_limit = 1\n"
                                  "[domain_realm]\n node1 = AUTH.TEST\n"
                                  "[realms]\n AUTH.TEST = {\n  kdc = 127.0.0.1:" +
                                      std::to_string(port) + "\n }\n");
    directory_.write("kdc.conf", "[realms]\n AUTH.TEST = {\n  database_name = " + where +
                                     "principal\n  key_stash_file = " + where +
                                     "stash\n  kdc_listen = \"\"\n  kdc_tcp_listen = 127.0.0.1:" +
                                     std::to_string(port) +
                                     "\n  supported_enctypes = aes256-cts:normal\n"
                                     "  master_key_type = aes256-cts\n }\n"
                                     "[logging]\n kdc = FILE:" +
                                     where + "kdc.log\n");
}

bool private_realm::run(const std::string& command) const {
    const std::string quiet = "( " + command + " ) >>" + directory_.file("log").string() + " 2>&1";
    return std::system(quiet.c_str()) == 0;
}

bool private_realm::make_principals() const {
    return run("kdb5_util create -s -P master -r AUTH.TEST") &&
           run("kadmin.local -r AUTH.TEST addprinc -pw Password alice") &&
           run("kadmin.local -r AUTH.TEST addprinc -randkey host/node1") &&
           run("kadmin.local -r AUTH.TEST ktadd -norandkey -k " + keytab().string() +
               " host/node1") &&
           run("printf 'addent -password -p host/node1@AUTH.TEST -k 2 -e aes256-cts\\nwrong\\n"
               "wkt " +
               wrong_keytab().string() + "\\n' | ktutil");
}

std::filesystem::path private_realm::forge_ticket() const {
    constexpr auto ticketer = "/usr/share/doc/python3-impacket/examples/ticketer.py";
    if (!std::filesystem::exists(ticketer))
        return {};
    const bool made =
        run("cd " + directory_.file("").string() + " && key=$(klist -k -K " + keytab().string() +
            " | sed -n 's/.*host.node1@.*(0x\\([0-9a-f]*\\)).*/\\1/p') && /usr/bin/python3 " +
            ticketer +
            " -aesKey $key -domain AUTH.TEST -domain-sid S-1-5-21-10-20-30 -spn host/node1"
            " -user-id 1107 -groups 513,512 -extra-sid S-1-5-21-7-7-7-519,S-1-5-32-544 bob");
    return made ? directory_.file("bob.ccache") : std::filesystem::path{};
}

bool private_realm::start_kdc(std::uint16_t port) {
    kdc_ = fork();
    if (kdc_ == 0) {
        const int log = open(directory_.file("log").c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
        dup2(log, 1);
        dup2(log, 2);
        execlp("krb5kdc", "krb5kdc", "-n", "-r", "AUTH.TEST", nullptr);
        _exit(127);
    }
    for (int tries = 0; tries < 250; ++tries) {
        if (is_listening(port))
            return true;
        if (waitpid(kdc_, nullptr, WNOHANG) == kdc_) {
            kdc_ = -1;
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

bool private_realm::fetch_tickets() const {
    return run("echo Password | kinit alice");
}

} // namespace bridge::auth::test
