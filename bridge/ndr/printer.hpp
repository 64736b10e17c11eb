// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ndr/types.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bridge::ndr {

/// Collects the text of decoded values on one line: `ENUM_LIST{EntryCount=1,
/// Entry=[ENUM_ENTRY{Type=1, Name="n1"}]}`. Generated code supplies `print(printer&, const T&)` for
/// each structure, union and parameter set, and leaves out the content of fields that are named as
/// secret.
class printer {
public:
    /// At most `limit` characters are kept, at most `byte_limit` bytes of each byte array are
    /// shown.
    explicit printer(std::size_t limit = 4096, std::size_t byte_limit = 64)
        : limit_(limit), byte_limit_(byte_limit) {}

    /// The text; ends in "..." where the limit cut it.
    [[nodiscard]] std::string take();

    /// Closes the brace that object() opened.
    class scope {
    public:
        explicit scope(printer& p) : printer_(p) {}
        ~scope() { printer_.close('}'); }
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;

    private:
        printer& printer_;
    };
    [[nodiscard]] scope object(std::string_view type);

    template <class T>
    void field(std::string_view name, const T& value) {
        if (full())
            return;
        label(name);
        show(value);
    }
    /// Names the field and hides its value.
    void secret(std::string_view name);
    /// An enumerator's name with its number, or the number alone when `name` is empty.
    void enumerator(std::string_view name, std::uint32_t value);

private:
    template <class T>
    void show(const T& value) {
        if constexpr (std::is_floating_point_v<T>)
            number(static_cast<double>(value));
        else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
            number(static_cast<std::int64_t>(value));
        else if constexpr (std::is_integral_v<T>)
            number(static_cast<std::uint64_t>(value));
        else
            print(*this, value); // found beside the generated type
    }
    void show(const std::u16string& value);
    void show(const std::string& value);
    void show(const win32::guid& value);
    void show(const context_handle& value);
    void show(const std::vector<std::byte>& value) { hex(value.data(), value.size()); }
    template <std::size_t N>
    void show(const std::array<std::byte, N>& value) {
        hex(value.data(), N);
    }
    template <class T>
    void show(const std::optional<T>& value) {
        pointee(value ? &*value : nullptr);
    }
    template <class T>
    void show(const std::unique_ptr<T>& value) {
        pointee(value.get());
    }
    template <class T>
    void show(const std::shared_ptr<T>& value) {
        pointee(value.get());
    }
    template <class T>
    void show(const std::vector<T>& value) {
        elements(value);
    }
    template <class T, std::size_t N>
    void show(const std::array<T, N>& value) {
        elements(value);
    }
    template <class T>
    void pointee(const T* value) {
        if (value == nullptr)
            text("null");
        else
            show(*value);
    }
    template <class List>
    void elements(const List& list) {
        open('[');
        for (const auto& element : list) {
            if (full())
                break;
            separate();
            show(element);
        }
        close(']');
    }

    [[nodiscard]] bool full() const { return out_.size() >= limit_; }
    void text(std::string_view part);
    void label(std::string_view name);
    void separate();
    void open(char bracket);
    void close(char bracket);
    void number(std::uint64_t value);
    void number(std::int64_t value);
    void number(double value);
    void hex(const std::byte* data, std::size_t size);

    std::string out_;
    std::size_t limit_;
    std::size_t byte_limit_;
    bool first_ = true; ///< nothing yet inside the innermost bracket
};

/// The text of one generated value.
template <class T>
std::string to_text(const T& value, std::size_t limit = 4096) {
    printer p(limit);
    print(p, value);
    return p.take();
}

} // namespace bridge::ndr
