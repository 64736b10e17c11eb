// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/history.hpp"

#include <nettle/sha2.h>

#include <concepts>
#include <span>

namespace bridge::registry {

namespace {

class hasher {
public:
    hasher() { sha256_init(&context_); }

    void add(std::span<const std::byte> bytes) {
        if (!bytes.empty())
            sha256_update(&context_, bytes.size(),
                          reinterpret_cast<const std::uint8_t*>(bytes.data()));
    }

    template <std::unsigned_integral Number>
    void add_little_endian(Number value) {
        std::array<std::byte, sizeof(Number)> bytes;
        for (std::size_t at = 0; at < bytes.size(); ++at)
            bytes[at] = static_cast<std::byte>(value >> (8 * at));
        add(bytes);
    }

    history_hash finish() {
        history_hash out;
        sha256_digest(&context_, out.size(), reinterpret_cast<std::uint8_t*>(out.data()));
        return out;
    }

private:
    sha256_ctx context_{};
};

} // namespace

history_hash extend(const history_hash& before, const log_entry& entry) {
    hasher hash;
    hash.add(before);
    hash.add_little_endian(entry.epoch.number);
    hash.add_little_endian(entry.epoch.coordinator);
    hash.add_little_endian(entry.operation.node);
    hash.add(entry.operation.incarnation);
    hash.add_little_endian(entry.operation.sequence);
    hash.add_little_endian(entry.kind);
    if (entry.body)
        hash.add(*entry.body);
    return hash.finish();
}

history_hash hash_bytes(std::span<const std::byte> bytes) {
    hasher hash;
    hash.add(bytes);
    return hash.finish();
}

position last_position(const durable_state& log) {
    if (log.log.empty())
        return {log.trimmed, log.trimmed_hash};
    return {log.log.back().index, log.log.back().hash};
}

bool knows(const durable_state& log, std::uint64_t index) {
    return index >= log.trimmed && index <= log.trimmed + log.log.size();
}

const history_hash& hash_at(const durable_state& log, std::uint64_t index) {
    return index == log.trimmed ? log.trimmed_hash : entry_at(log, index).hash;
}

const log_entry& entry_at(const durable_state& log, std::uint64_t index) {
    return log.log[index - log.trimmed - 1];
}

} // namespace bridge::registry
