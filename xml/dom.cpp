// SPDX-License-Identifier: Apache-2.0
#include "xml/dom.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <limits>

namespace bridge::xml::dom {

namespace {

struct free_context {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};

/// A document type may define entities that grow without bound; none of our documents has one.
void refuse_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    xmlStopParser(parser);
    parser->wellFormed = 0;
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

document_ptr parse(std::string_view text, std::size_t max_bytes, int max_depth, bool strip) {
    if (text.empty() || text.size() > max_bytes ||
        text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return nullptr;
    const std::unique_ptr<xmlParserCtxt, free_context> context(xmlNewParserCtxt());
    if (!context)
        return nullptr;
    context->sax->internalSubset = refuse_document_type;
    context->sax->externalSubset = refuse_document_type;

    // NOENT: without a document type only the five predefined entities and character references
    // exist; replacing them keeps every attribute value in one text node.
    document_ptr document(xmlCtxtReadMemory(
        context.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr,
        XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
            XML_PARSE_NOCDATA | XML_PARSE_COMPACT));

    if (!document || document->intSubset != nullptr)
        return nullptr;
    xmlNode* root = xmlDocGetRootElement(document.get());
    if (root == nullptr || !strip_tree(root, max_depth, strip))
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
