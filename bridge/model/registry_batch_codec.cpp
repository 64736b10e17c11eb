// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_batch_codec.hpp"

#include "bridge/model/registry_bytes.hpp"
#include "bridge/win32/utf16.hpp"

#include <map>
#include <utility>

namespace bridge::model {

namespace {

constexpr std::uint8_t batch_format = 1;
/// Descriptors of one command: no more than keys that it can make.
constexpr std::size_t command_descriptors = registry_limit::depth;

// Flags of a command: switches, and which fields follow.
constexpr std::uint8_t subtree_flag = 0x01;
constexpr std::uint8_t must_exist_flag = 0x02;
constexpr std::uint8_t replace_flag = 0x04;
constexpr std::uint8_t value_follows = 0x08;
constexpr std::uint8_t descriptors_follow = 0x10;
constexpr std::uint8_t known_flags = 0x1F;

using descriptor_numbers = std::map<const std::vector<std::byte>*, std::uint32_t>;

void write_command(byte_writer& to, const registry_command& command,
                   const descriptor_numbers& numbers) {
    const bool value =
        !command.name.empty() || !command.data.empty() || command.type != registry_type::none;
    std::uint8_t flags = 0;
    flags |= command.subtree ? subtree_flag : 0;
    flags |= command.must_exist ? must_exist_flag : 0;
    flags |= command.replace_descriptor ? replace_flag : 0;
    flags |= value ? value_follows : 0;
    flags |= command.descriptors.empty() ? 0 : descriptors_follow;
    to.number(static_cast<std::uint8_t>(command.verb));
    to.number(flags);
    to.text(command.path);
    if (value) {
        to.text(command.name);
        to.number(static_cast<std::uint32_t>(command.type));
        to.bytes(command.data);
    }
    if (!command.descriptors.empty()) {
        to.number(static_cast<std::uint32_t>(command.descriptors.size()));
        for (const auto& descriptor : command.descriptors)
            to.number(numbers.at(descriptor.get()));
    }
}

bool read_command(byte_reader& in, registry_command& out,
                  const std::vector<descriptor_bytes>& descriptors) {
    const auto verb = in.number<std::uint8_t>();
    const auto flags = in.number<std::uint8_t>();
    if (verb < static_cast<std::uint8_t>(registry_verb::create_key) ||
        verb > static_cast<std::uint8_t>(registry_verb::require_absent) ||
        (flags & ~known_flags) != 0)
        return false;
    out.verb = static_cast<registry_verb>(verb);
    out.subtree = (flags & subtree_flag) != 0;
    out.must_exist = (flags & must_exist_flag) != 0;
    out.replace_descriptor = (flags & replace_flag) != 0;
    out.path = in.text(registry_limit::batch_bytes);
    if ((flags & value_follows) != 0) {
        out.name = in.text(registry_limit::batch_bytes);
        out.type = static_cast<registry_type>(in.number<std::uint32_t>());
        out.data = in.blob(registry_limit::batch_bytes);
    }
    if ((flags & descriptors_follow) != 0) {
        const auto count = in.number_up_to<std::uint32_t>(command_descriptors);
        for (std::uint32_t i = 0; i < count && in.good(); ++i) {
            const auto number = in.number_up_to<std::uint32_t>(descriptors.size() - 1);
            out.descriptors.push_back(descriptors[number]);
        }
    }
    return in.good();
}

} // namespace

std::vector<std::byte> encode_batch(const registry_batch& batch) {
    descriptor_numbers numbers{{nullptr, 0}};
    std::vector<const std::vector<std::byte>*> table;
    for (const auto& command : batch.commands)
        for (const auto& descriptor : command.descriptors)
            if (numbers.emplace(descriptor.get(), static_cast<std::uint32_t>(numbers.size()))
                    .second)
                table.push_back(descriptor.get());
    std::vector<std::byte> out;
    byte_writer to(out);
    to.number(batch_format);
    to.number(batch.time);
    to.text(batch.caller);
    to.number(static_cast<std::uint32_t>(table.size()));
    for (const auto* descriptor : table)
        to.bytes(*descriptor);
    to.number(static_cast<std::uint32_t>(batch.commands.size()));
    for (const auto& command : batch.commands)
        write_command(to, command, numbers);
    return out;
}

std::optional<registry_batch> decode_batch(std::span<const std::byte> bytes) {
    if (bytes.size() > registry_limit::batch_bytes)
        return std::nullopt;
    registry_batch out;
    byte_reader in(bytes);
    if (in.number<std::uint8_t>() != batch_format)
        return std::nullopt;
    out.time = in.number<std::uint64_t>();
    out.caller = in.text(registry_limit::caller_bytes);
    if (!win32::strict_utf16(out.caller))
        return std::nullopt;
    std::vector<descriptor_bytes> descriptors{nullptr};
    const auto table = in.number_up_to<std::uint32_t>(in.left() / sizeof(std::uint32_t));
    for (std::uint32_t i = 0; i < table && in.good(); ++i)
        descriptors.push_back(std::make_shared<const std::vector<std::byte>>(
            in.blob(registry_limit::descriptor_bytes)));
    const auto commands = in.number_up_to<std::uint32_t>(registry_limit::batch_commands);
    for (std::uint32_t i = 0; i < commands; ++i)
        if (!in.good() || !read_command(in, out.commands.emplace_back(), descriptors))
            return std::nullopt;
    if (!in.finished())
        return std::nullopt;
    return out;
}

} // namespace bridge::model
