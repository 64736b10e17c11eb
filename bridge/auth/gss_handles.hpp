// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/wire_bytes.hpp"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <string>

/// Owners of what GSSAPI hands out, and the few calls that every user of them needs.
namespace bridge::auth::gss {

/// A handle with its release function; what `put` fills is released at the end.
template <typename Handle, OM_uint32 (*Release)(OM_uint32*, Handle*)>
class owner {
public:
    owner() = default;
    owner(const owner&) = delete;
    owner& operator=(const owner&) = delete;
    ~owner() {
        OM_uint32 ignored = 0;
        if (handle_ != nullptr)
            Release(&ignored, &handle_);
    }
    Handle* put() { return &handle_; }
    [[nodiscard]] Handle get() const { return handle_; }

private:
    Handle handle_ = nullptr;
};

inline OM_uint32 delete_context(OM_uint32* minor, gss_ctx_id_t* context) {
    return gss_delete_sec_context(minor, context, GSS_C_NO_BUFFER);
}

using context = owner<gss_ctx_id_t, &delete_context>;
using credential = owner<gss_cred_id_t, &gss_release_cred>;
using name = owner<gss_name_t, &gss_release_name>;

/// A buffer that GSSAPI allocates.
class buffer {
public:
    buffer() = default;
    buffer(const buffer&) = delete;
    buffer& operator=(const buffer&) = delete;
    ~buffer() {
        OM_uint32 ignored = 0;
        gss_release_buffer(&ignored, &value_);
    }
    gss_buffer_t put() { return &value_; }
    [[nodiscard]] bytes_view bytes() const {
        return {static_cast<const std::byte*>(value_.value), value_.length};
    }
    [[nodiscard]] std::string text() const {
        return {static_cast<const char*>(value_.value), value_.length};
    }

private:
    gss_buffer_desc value_ = GSS_C_EMPTY_BUFFER;
};

/// GSSAPI reads only, but its buffers are not const.
inline gss_buffer_desc input(bytes_view bytes) {
    return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}

/// The krb5 mechanism.
gss_OID kerberos();

/// Both codes as text, for the log.
std::string describe(OM_uint32 major, OM_uint32 minor);

} // namespace bridge::auth::gss
