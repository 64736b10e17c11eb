// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bridge::xml {

/// Larger documents are refused. A CIB that holds more than a few MiB no longer works anyway.
inline constexpr std::size_t max_document_bytes = 64U << 20;
/// Deeper nesting is refused; the CIB schema needs less than 20.
inline constexpr int max_document_depth = 128;

/// What became of a patchset.
enum class patch_result {
    ok,               ///< applied
    version_mismatch, ///< made for another version: nothing changed, query the CIB
    failed,           ///< does not fit or cannot be read: this document is spent, query the CIB
};

/// A CIB kept as a document, with the facts derived from it. A patchset costs what it changes, not
/// what the CIB holds. One thread at a time; the facts are immutable and may go anywhere. Must not
/// live in the thread that runs Pacemaker's libraries: up to 2.1 they hook libxml2's node creation
/// in that thread.
class cib_document {
public:
    /// Reads a `<cib>` (also one wrapped in other elements, as query replies are). Hostile input is
    /// safe: no network, no document types or entities, limited size and depth. nullopt when it is
    /// no CIB.
    static std::optional<cib_document> parse(std::string_view text);

    cib_document(cib_document&&) noexcept;
    cib_document& operator=(cib_document&&) noexcept;
    ~cib_document();

    /// Applies a version 2 patchset: `<diff format="2">`, alone or anywhere inside a notification.
    /// The source version must be this document's.
    patch_result apply_patchset(std::string_view text);

    [[nodiscard]] model::cib_version version() const;

    /// Facts of the current version; unchanged parts are shared with the facts before. Never null.
    [[nodiscard]] std::shared_ptr<const model::cib_facts> facts() const;

    /// The document as text, without blanks between elements.
    [[nodiscard]] std::string text() const;

private:
    struct state;
    explicit cib_document(std::unique_ptr<state> made);
    std::unique_ptr<state> state_;
};

} // namespace bridge::xml
