// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/message_protection.hpp"

namespace bridge::auth {

namespace {

bool protects(protection_level level) {
    return level >= protection_level::call;
}

} // namespace

std::size_t message_protection::token_size(protection_level level) const {
    return protects(level) ? size_at(level) : 0;
}

bool message_protection::protect(const protected_pdu& message) {
    broken_ = broken_ || (protects(message.level) && !write(message));
    return !broken_;
}

bool message_protection::unprotect(const protected_pdu& message) {
    broken_ = broken_ || (protects(message.level) && !read(message));
    return !broken_;
}

bool message_protection::check_mic(bytes_view data, bytes_view mic) {
    broken_ = broken_ || !verify_mic(data, mic);
    return !broken_;
}

} // namespace bridge::auth
