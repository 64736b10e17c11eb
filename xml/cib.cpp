// SPDX-License-Identifier: Apache-2.0
#include "xml/cib.hpp"

#include "xml/derive.hpp"
#include "xml/extract.hpp"
#include "xml/patch.hpp"

#include <utility>

namespace bridge::xml {

struct cib_document::state {
    dom::document_ptr document;
    xmlNode* cib = nullptr; ///< root element of `document`
    derived now;
    bool spent = false; ///< a patchset failed half-way
};

namespace {

constexpr dom::limits cib_limits{max_document_bytes, max_document_depth};

/// Makes the `<cib>` inside a wrapper the root of its document.
xmlNode* as_root(xmlDoc* document) {
    xmlNode* root = xmlDocGetRootElement(document);
    auto* cib = const_cast<xmlNode*>(dom::find_element(root, "cib"));
    if (cib == nullptr || cib == root)
        return cib;
    xmlUnlinkNode(cib);
    xmlNode* wrapper = xmlDocSetRootElement(document, cib);
    xmlFreeNode(wrapper);
    return cib;
}

} // namespace

cib_document::cib_document(std::unique_ptr<state> made) : state_(std::move(made)) {}
cib_document::cib_document(cib_document&&) noexcept = default;
cib_document& cib_document::operator=(cib_document&&) noexcept = default;
cib_document::~cib_document() = default;

std::optional<cib_document> cib_document::parse(std::string_view text) {
    auto made = std::make_unique<state>();
    made->document = dom::parse(text, cib_limits);
    if (!made->document)
        return std::nullopt;
    made->cib = as_root(made->document.get());
    if (made->cib == nullptr)
        return std::nullopt;
    made->now = derive_all(made->cib);
    return cib_document(std::move(made));
}

patch_result cib_document::apply_patchset(std::string_view text) {
    if (state_->spent)
        return patch_result::failed;
    const auto patch = dom::parse(text, cib_limits);
    const xmlNode* diff =
        patch ? dom::find_element(xmlDocGetRootElement(patch.get()), "diff") : nullptr;
    if (diff == nullptr)
        return patch_result::failed;
    dirty_set dirty;
    const auto result = apply_changes(state_->cib, diff, dirty);
    if (result == patch_result::ok)
        state_->now = derive_changed(state_->cib, state_->now, dirty);
    state_->spent = result == patch_result::failed;
    return result;
}

model::cib_version cib_document::version() const {
    return state_->now.facts->version;
}

std::shared_ptr<const model::cib_facts> cib_document::facts() const {
    return state_->now.facts;
}

std::string cib_document::text() const {
    const std::unique_ptr<xmlBuffer, decltype(&xmlBufferFree)> buffer(xmlBufferCreate(),
                                                                      xmlBufferFree);
    if (!buffer || xmlNodeDump(buffer.get(), state_->document.get(), state_->cib, 0, 0) < 0)
        return {};
    return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

} // namespace bridge::xml
