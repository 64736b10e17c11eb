// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/gss_handles.hpp"

#include "bridge/auth/spnego_tokens.hpp"

namespace bridge::auth::gss {

gss_OID kerberos() {
    static gss_OID_desc value{static_cast<OM_uint32>(spnego::oid_kerberos().size()),
                              const_cast<std::byte*>(spnego::oid_kerberos().data())};
    return &value;
}

std::string describe(OM_uint32 major, OM_uint32 minor) {
    std::string out;
    const auto add = [&out](OM_uint32 code, int type) {
        OM_uint32 ignored = 0;
        OM_uint32 more = 0;
        buffer text;
        if (gss_display_status(&ignored, code, type, kerberos(), &more, text.put()) !=
            GSS_S_COMPLETE)
            return;
        out += (out.empty() ? "" : "; ") + text.text();
    };
    add(major, GSS_C_GSS_CODE);
    if (minor != 0)
        add(minor, GSS_C_MECH_CODE);
    return out;
}

} // namespace bridge::auth::gss
