// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/history.hpp"

#include "bridge/registry/wire.hpp"

#include <nettle/sha2.h>

namespace bridge::registry {

namespace {

const std::uint8_t* raw(const std::byte* bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes);
}

history_hash finish(sha256_ctx& context) {
    history_hash hash;
    sha256_digest(&context, hash.size(), reinterpret_cast<std::uint8_t*>(hash.data()));
    return hash;
}

} // namespace

history_hash hash_entry(const history_hash& before, const log_entry& entry) {
    wire_writer w(96);
    w.append(before);
    w.integer(entry.epoch.number);
    w.integer(entry.epoch.coordinator);
    w.integer(entry.operation.node);
    w.append(entry.operation.incarnation);
    w.integer(entry.operation.sequence);
    w.integer(entry.kind);
    sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, w.size(), raw(w.written().data()));
    sha256_update(&context, entry.body->size(), raw(entry.body->data()));
    return finish(context);
}

history_hash hash_bytes(std::span<const std::byte> bytes) {
    sha256_ctx context;
    sha256_init(&context);
    sha256_update(&context, bytes.size(), raw(bytes.data()));
    return finish(context);
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
