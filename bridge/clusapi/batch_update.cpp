// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/batch_update.hpp"

namespace bridge::clusapi {

namespace {

constexpr std::uint32_t batch_version = 1;

class cursor {
public:
    explicit cursor(std::span<const std::byte> in) : in_(in) {}

    std::optional<std::uint32_t> u32() {
        const auto raw = take(4);
        if (!raw)
            return std::nullopt;
        std::uint32_t out = 0;
        for (int i = 0; i < 4; ++i)
            out |= std::to_integer<std::uint32_t>((*raw)[static_cast<std::size_t>(i)]) << (8 * i);
        return out;
    }
    std::optional<std::span<const std::byte>> take(std::size_t size) {
        if (size > in_.size())
            return std::nullopt;
        const auto out = in_.first(size);
        in_ = in_.subspan(size);
        return out;
    }
    [[nodiscard]] bool finished() const { return in_.empty(); }

private:
    std::span<const std::byte> in_;
};

std::optional<std::u16string> parse_name(cursor& in) {
    const auto size = in.u32();
    if (!size || *size < 2 || *size % 2 != 0)
        return std::nullopt;
    const auto raw = in.take(*size);
    if (!raw)
        return std::nullopt;
    std::u16string out;
    for (std::size_t i = 0; i < raw->size(); i += 2)
        out += static_cast<char16_t>(std::to_integer<unsigned>((*raw)[i]) |
                                     std::to_integer<unsigned>((*raw)[i + 1]) << 8);
    if (out.find(u'\0') != out.size() - 1)
        return std::nullopt;
    out.pop_back();
    return out;
}

std::optional<batch_command> parse_command(cursor& in) {
    const auto verb = in.u32();
    const auto type = in.u32();
    auto name = type ? parse_name(in) : std::nullopt;
    const auto size = name ? in.u32() : std::nullopt;
    const auto data = size ? in.take(*size) : std::nullopt;
    if (!data)
        return std::nullopt;
    if (*size % 2 != 0 && !in.finished())
        in.take(1);
    return batch_command{
        static_cast<batch_verb>(*verb), *type, std::move(*name), {data->begin(), data->end()}};
}

void put(std::vector<std::byte>& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<std::byte>(value >> shift & 0xFF));
}

} // namespace

std::optional<std::vector<batch_command>> parse_batch(std::span<const std::byte> bytes) {
    cursor in(bytes);
    if (in.u32() != batch_version || in.finished())
        return std::nullopt;
    std::vector<batch_command> out;
    while (!in.finished()) {
        auto command = parse_command(in);
        if (!command || out.size() == max_batch_commands)
            return std::nullopt;
        out.push_back(std::move(*command));
    }
    return out;
}

std::vector<std::byte> encode_batch_update(std::span<const batch_command> commands) {
    std::vector<std::byte> out;
    put(out, batch_version);
    for (const batch_command& command : commands) {
        put(out, static_cast<std::uint32_t>(command.verb));
        put(out, command.type);
        put(out, static_cast<std::uint32_t>(2 * (command.name.size() + 1)));
        for (const char16_t unit : command.name) {
            out.push_back(static_cast<std::byte>(unit & 0xFF));
            out.push_back(static_cast<std::byte>(unit >> 8));
        }
        out.resize(out.size() + 2);
        put(out, static_cast<std::uint32_t>(command.data.size()));
        out.insert(out.end(), command.data.begin(), command.data.end());
        out.resize(out.size() + out.size() % 2);
    }
    return out;
}

} // namespace bridge::clusapi
