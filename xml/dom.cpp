// SPDX-License-Identifier: Apache-2.0
#include "xml/dom.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <limits>

namespace bridge::xml::dom {

namespace {

void stop(void* context) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    xmlStopParser(parser);
    parser->wellFormed = 0;
}

struct free_context {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

/// None of Pacemaker's documents has a document type.
void refuse_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    stop(context);
}

void ignore_document_type(void*, const xmlChar*, const xmlChar*, const xmlChar*) {}

/// Entities may grow without bound or name files.
void refuse_entity(void* context, const xmlChar*, int, const xmlChar*, const xmlChar*, xmlChar*) {
    stop(context);
}

/// Removes what is neither an element nor a comment. False when the tree is too deep.
bool strip_tree(xmlNode* root, int max_depth, bool strip) {
    int depth = 0;
    for (xmlNode* at = root; at != nullptr;) {
        xmlNode* next = nullptr;
        if (at->type == XML_ELEMENT_NODE && at->children != nullptr) {
            if (++depth > max_depth)
                return false;
            next = at->children;
        } else {
            xmlNode* up = at;
            while (up != root && up->next == nullptr) {
                up = up->parent;
                --depth;
            }
            next = up == root ? nullptr : up->next;
        }
        if (strip && at != root && at->type != XML_ELEMENT_NODE && at->type != XML_COMMENT_NODE) {
            xmlUnlinkNode(at);
            xmlFreeNode(at);
        }
        at = next;
    }
    return true;
}

} // namespace

document_ptr parse(std::string_view text, const limits& limits) {
    if (text.empty() || text.size() > limits.max_bytes ||
        text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return nullptr;
    const std::unique_ptr<xmlParserCtxt, free_context> context(xmlNewParserCtxt());
    if (!context)
        return nullptr;
    if (!limits.document_type)
        context->sax->internalSubset = refuse_document_type;
    context->sax->externalSubset = ignore_document_type;
    context->sax->entityDecl = refuse_entity;
    // NOENT: without a document type only the five predefined entities and character references
    // exist; replacing them keeps every attribute value in one text node.
    document_ptr document(xmlCtxtReadMemory(
        context.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr,
        XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
            XML_PARSE_NOCDATA | XML_PARSE_COMPACT));

    if (!document || (document->intSubset != nullptr && !limits.document_type))
        return nullptr;
    xmlNode* root = xmlDocGetRootElement(document.get());
    if (root == nullptr || !strip_tree(root, limits.max_depth, limits.strip))
        return nullptr;
    return document;
}

std::string_view name_of(const xmlNode* node) {
    return node->name == nullptr ? std::string_view{}
                                 : std::string_view(reinterpret_cast<const char*>(node->name));
}

std::optional<std::string_view> attribute(const xmlNode* node, const char* name) {
    for (const xmlAttr* each = node->properties; each != nullptr; each = each->next) {
        if (xmlStrcmp(each->name, reinterpret_cast<const xmlChar*>(name)) != 0)
            continue;
        // Without a document type a value is one text node, or none when it is empty.
        if (each->children == nullptr || each->children->content == nullptr)
            return std::string_view{};
        return std::string_view(reinterpret_cast<const char*>(each->children->content));
    }
    return std::nullopt;
}

std::string text_of(const xmlNode* node, const char* name) {
    return std::string(attribute(node, name).value_or(std::string_view{}));
}

std::string content_of(const xmlNode* node) {
    std::string text;
    for (const xmlNode* each = node->children; each != nullptr; each = each->next)
        if ((each->type == XML_TEXT_NODE || each->type == XML_CDATA_SECTION_NODE) &&
            each->content != nullptr)
            text += reinterpret_cast<const char*>(each->content);
    constexpr const char* blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

const xmlNode* first_element(const xmlNode* node) {
    const xmlNode* at = node->children;
    while (at != nullptr && at->type != XML_ELEMENT_NODE)
        at = at->next;
    return at;
}

const xmlNode* next_element(const xmlNode* node) {
    const xmlNode* at = node->next;
    while (at != nullptr && at->type != XML_ELEMENT_NODE)
        at = at->next;
    return at;
}

const xmlNode* child(const xmlNode* node, std::string_view name) {
    if (node == nullptr)
        return nullptr;
    for (const xmlNode* each : elements(node))
        if (name_of(each) == name)
            return each;
    return nullptr;
}

const xmlNode* find_element(const xmlNode* node, std::string_view name) {
    const xmlNode* at = node;
    while (at != nullptr) {
        if (at->type == XML_ELEMENT_NODE && name_of(at) == name)
            return at;
        if (const xmlNode* down = first_element(at)) {
            at = down;
            continue;
        }
        while (at != node && next_element(at) == nullptr)
            at = at->parent;
        at = at == node ? nullptr : next_element(at);
    }
    return nullptr;
}

} // namespace bridge::xml::dom
