// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_meta.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <utility>

namespace bridge::registry {

namespace {

constexpr std::array<std::string_view, meta_names> texts{
    "store", "lineage", "promised",     "installed", "core",
    "lives", "voters",  "known_voters", "level",     "position"};

class byte_writer {
public:
    template <std::unsigned_integral Number>
    void add(Number value) {
        for (std::size_t at = 0; at < sizeof(Number); ++at)
            out_.push_back(static_cast<std::byte>(value >> (8 * at)));
    }

    template <std::size_t Size>
    void add(const std::array<std::byte, Size>& bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
    }

    void add(const epoch_id& value) {
        add(value.number);
        add(value.coordinator);
    }

    void add(const voter& value) {
        add(value.node);
        add(value.store);
    }

    void add(const life& value) {
        add(value.node);
        add(value.incarnation);
    }

    template <class Element>
    void add(const std::vector<Element>& list) {
        add(static_cast<std::uint32_t>(list.size()));
        for (const auto& element : list)
            add(element);
    }

    void add(const store_position& value) {
        add(value.trimmed);
        add(value.trimmed_hash);
        add(value.applied);
        add(value.last);
        add(value.last_hash);
        add(value.rows);
        add(value.rows_sum);
    }

    std::vector<std::byte> take() { return std::move(out_); }

private:
    std::vector<std::byte> out_;
};

/// After the first read beyond the end everything fails.
class byte_reader {
public:
    explicit byte_reader(std::span<const std::byte> bytes) : left_(bytes) {}

    template <std::unsigned_integral Number>
    void read(Number& value) {
        std::array<std::byte, sizeof(Number)> bytes{};
        read(bytes);
        value = 0;
        for (std::size_t at = 0; at < bytes.size(); ++at)
            value |= static_cast<Number>(static_cast<Number>(bytes[at]) << (8 * at));
    }

    template <std::size_t Size>
    void read(std::array<std::byte, Size>& bytes) {
        if (failed_ || left_.size() < Size) {
            failed_ = true;
            return;
        }
        std::copy_n(left_.begin(), Size, bytes.begin());
        left_ = left_.subspan(Size);
    }

    void read(epoch_id& value) {
        read(value.number);
        read(value.coordinator);
    }

    void read(voter& value) {
        read(value.node);
        read(value.store);
    }

    void read(life& value) {
        read(value.node);
        read(value.incarnation);
    }

    template <class Element>
    void read(std::vector<Element>& list) {
        std::uint32_t count = 0;
        read(count);
        failed_ = failed_ || count > max_meta_list;
        list.clear();
        for (std::uint32_t at = 0; at < count && !failed_; ++at)
            read(list.emplace_back());
    }

    void read(store_position& value) {
        read(value.trimmed);
        read(value.trimmed_hash);
        read(value.applied);
        read(value.last);
        read(value.last_hash);
        read(value.rows);
        read(value.rows_sum);
    }

    [[nodiscard]] bool complete() const { return !failed_ && left_.empty(); }

private:
    std::span<const std::byte> left_;
    bool failed_ = false;
};

/// Calls `visit` with the field that the name stands for.
template <class Meta, class Visit>
void with_field(meta_name name, Meta& meta, Visit visit) {
    switch (name) {
    case meta_name::store:
        return visit(meta.state.store);
    case meta_name::lineage:
        return visit(meta.state.lineage);
    case meta_name::promised:
        return visit(meta.state.promised);
    case meta_name::installed:
        return visit(meta.state.installed);
    case meta_name::core:
        return visit(meta.state.core);
    case meta_name::lives:
        return visit(meta.state.lives);
    case meta_name::voters:
        return visit(meta.state.voters);
    case meta_name::known_voters:
        return visit(meta.state.known_voters);
    case meta_name::level:
        return visit(meta.state.level);
    case meta_name::position:
        return visit(meta.where);
    }
}

} // namespace

std::string_view to_text(meta_name name) {
    return texts.at(static_cast<std::size_t>(name));
}

std::optional<meta_name> meta_name_of(std::string_view text) {
    const auto found = std::ranges::find(texts, text);
    if (found == texts.end())
        return std::nullopt;
    return static_cast<meta_name>(found - texts.begin());
}

std::vector<std::byte> encode(meta_name name, const store_meta& from) {
    byte_writer out;
    with_field(name, from, [&](const auto& field) { out.add(field); });
    return out.take();
}

bool decode(meta_name name, std::span<const std::byte> bytes, store_meta& into) {
    byte_reader in(bytes);
    with_field(name, into, [&](auto& field) { in.read(field); });
    if (name == meta_name::position) {
        into.state.trimmed = into.where.trimmed;
        into.state.trimmed_hash = into.where.trimmed_hash;
        into.state.applied = into.where.applied;
    }
    return in.complete();
}

std::uint32_t check_sum(std::span<const std::byte> name, std::span<const std::byte> value) {
    byte_writer length;
    length.add(static_cast<std::uint32_t>(name.size()));
    const auto prefix = length.take();
    auto crc = crc32_z(0, nullptr, 0);
    for (const auto part : {std::span<const std::byte>(prefix), name, value})
        if (!part.empty()) // a null pointer would start it over
            crc = crc32_z(crc, reinterpret_cast<const Bytef*>(part.data()), part.size());
    return static_cast<std::uint32_t>(crc);
}

} // namespace bridge::registry
