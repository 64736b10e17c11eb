// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_bytes.hpp"
#include "bridge/model/registry_loader.hpp"

#include <map>
#include <utility>

// "CBRT", format, descriptors, then the keys from the root down, each before its subkeys: number,
// name, time, version, number of its descriptor (0: none), values, number of subkeys; then the next
// number and the digest.

namespace bridge::model {

namespace {

constexpr std::uint32_t saved_mark = 0x54524243;
constexpr std::uint8_t saved_format = 1;
constexpr std::size_t saved_name_bytes = 3 * registry_limit::value_name_units;

class saved_reader {
public:
    explicit saved_reader(std::span<const std::byte> saved) : in_(saved) {}

    bool read();
    registry_tree take() { return loader_.take(); }

private:
    struct unfinished {
        stored_key* key;
        std::uint32_t subkeys; ///< still to come
    };

    bool read_descriptors();
    bool read_keys();
    std::optional<registry_loader::key_data> read_key();
    std::optional<std::uint32_t> read_values(stored_key& key);

    byte_reader in_;
    registry_loader loader_;
    std::vector<descriptor_bytes> descriptors_;
};

bool saved_reader::read_descriptors() {
    // There is no more than one a key, and the root's.
    const auto count = in_.number_up_to<std::uint32_t>(registry_limit::keys + 1);
    descriptors_.emplace_back();
    for (std::uint32_t i = 0; i < count && in_.good(); ++i)
        descriptors_.push_back(std::make_shared<const std::vector<std::byte>>(
            in_.blob(registry_limit::descriptor_bytes)));
    return in_.good();
}

std::optional<registry_loader::key_data> saved_reader::read_key() {
    registry_loader::key_data out;
    out.id = in_.number<std::uint64_t>();
    out.name = in_.text(saved_name_bytes);
    out.last_write = in_.number<std::uint64_t>();
    out.version = in_.number<std::uint64_t>();
    const auto descriptor = in_.number_up_to<std::uint32_t>(descriptors_.size() - 1);
    if (!in_.good())
        return std::nullopt;
    out.descriptor = descriptors_[descriptor];
    return out;
}

/// The number of subkeys that follow the values.
std::optional<std::uint32_t> saved_reader::read_values(stored_key& key) {
    const auto values = in_.number_up_to<std::uint32_t>(registry_limit::values);
    for (std::uint32_t i = 0; i < values; ++i) {
        registry_value value;
        value.name = in_.text(saved_name_bytes);
        value.type = static_cast<registry_type>(in_.number<std::uint32_t>());
        value.data = in_.blob(registry_limit::value_bytes);
        if (!in_.good() || !loader_.add_value(key, std::move(value)))
            return std::nullopt;
    }
    const auto subkeys = in_.number_up_to<std::uint32_t>(registry_limit::keys);
    if (!in_.good())
        return std::nullopt;
    return subkeys;
}

bool saved_reader::read_keys() {
    auto root = read_key();
    if (!root || !loader_.set_root(*root))
        return false;
    const auto top = read_values(loader_.root());
    if (!top)
        return false;
    std::vector<unfinished> trail{{&loader_.root(), *top}};
    while (!trail.empty()) {
        if (trail.back().subkeys == 0) {
            trail.pop_back();
            continue;
        }
        --trail.back().subkeys;
        auto data = read_key();
        stored_key* key = data ? loader_.add_key(*trail.back().key, std::move(*data)) : nullptr;
        const auto subkeys = key ? read_values(*key) : std::nullopt;
        if (!subkeys)
            return false;
        trail.push_back({key, *subkeys});
    }
    return true;
}

bool saved_reader::read() {
    if (in_.number<std::uint32_t>() != saved_mark || in_.number<std::uint8_t>() != saved_format ||
        !read_descriptors() || !read_keys())
        return false;
    if (!loader_.set_next(in_.number<std::uint64_t>()))
        return false;
    const registry_digest claimed{in_.number<std::uint64_t>(), in_.number<std::uint64_t>()};
    return in_.finished() && claimed == loader_.digest();
}

} // namespace

std::vector<std::byte> registry_tree::save() const {
    std::vector<std::byte> out;
    out.reserve(bytes_ + 32 * (keys_ + values_ + 1));
    byte_writer to(out);
    to.number(saved_mark);
    to.number(saved_format);
    to.number(static_cast<std::uint32_t>(descriptors_.size()));
    std::map<const std::vector<std::byte>*, std::uint32_t> numbers{{nullptr, 0}};
    for (const auto& [bytes, entry] : descriptors_) {
        numbers.emplace(entry.bytes.get(), static_cast<std::uint32_t>(numbers.size()));
        to.bytes(bytes);
    }
    std::vector<const stored_key*> waiting{root_.get()};
    while (!waiting.empty()) {
        const stored_key& key = *waiting.back();
        waiting.pop_back();
        to.number(key.id_);
        to.text(key.name_);
        to.number(key.last_write_);
        to.number(key.version_);
        to.number(numbers.at(key.descriptor_.get()));
        to.number(static_cast<std::uint32_t>(key.values_.size()));
        for (const auto& entry : key.values_) {
            to.text(entry->value.name);
            to.number(static_cast<std::uint32_t>(entry->value.type));
            to.bytes(entry->value.data);
        }
        to.number(static_cast<std::uint32_t>(key.subkeys_.size()));
        for (auto subkey = key.subkeys_.rbegin(); subkey != key.subkeys_.rend(); ++subkey)
            waiting.push_back(subkey->get());
    }
    to.number(next_id_);
    to.number(digest_.low);
    to.number(digest_.high);
    return out;
}

std::optional<registry_tree> registry_tree::load(std::span<const std::byte> saved) {
    saved_reader reader(saved);
    if (!reader.read())
        return std::nullopt;
    return reader.take();
}

} // namespace bridge::model
