// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <libxml/tree.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Small views over libxml2's tree, private to this folder.
namespace bridge::xml::dom {

struct free_document {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using document_ptr = std::unique_ptr<xmlDoc, free_document>;

struct limits {
    std::size_t max_bytes = 0;
    int max_depth = 0;
    bool strip = true;          ///< drop all but elements and comments
    bool document_type = false; ///< a document type may be named; it is never loaded
};

/// Reads a document from untrusted text: no network, no entities but the predefined ones. Null when
/// it is not well-formed, declares entities, or is outside the limits.
document_ptr parse(std::string_view text, const limits& limits);

std::string_view name_of(const xmlNode* node);

/// Text of an attribute without a copy; nullopt when it is absent. Lives as long as the attribute.
std::optional<std::string_view> attribute(const xmlNode* node, const char* name);
/// The same as a string, empty when absent.
std::string text_of(const xmlNode* node, const char* name);

/// Text directly below an element, trimmed; empty without any.
std::string content_of(const xmlNode* node);

/// First child element, next sibling element; null at the end.
const xmlNode* first_element(const xmlNode* node);
const xmlNode* next_element(const xmlNode* node);
/// First child element of that name; null when there is none.
const xmlNode* child(const xmlNode* node, std::string_view name);
/// Depth-first search for the first element of that name, `node` included; null when there is none.
const xmlNode* find_element(const xmlNode* node, std::string_view name);

/// Range over child elements: `for (const xmlNode* each : elements(node))`.
class elements {
public:
    class iterator {
    public:
        explicit iterator(const xmlNode* at) : at_(at) {}
        const xmlNode* operator*() const { return at_; }
        iterator& operator++() {
            at_ = next_element(at_);
            return *this;
        }
        bool operator==(const iterator&) const = default;

    private:
        const xmlNode* at_;
    };

    explicit elements(const xmlNode* parent) : parent_(parent) {}
    [[nodiscard]] iterator begin() const {
        return iterator(parent_ ? first_element(parent_) : nullptr);
    }
    [[nodiscard]] iterator end() const { return iterator(nullptr); }

private:
    const xmlNode* parent_;
};

} // namespace bridge::xml::dom
