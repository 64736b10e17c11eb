// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"
#include "xml/dom.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

/// Which facts a change of the document touches, and their renewal.
namespace bridge::xml {

/// What has to be read again.
class dirty_set {
public:
    /// Attributes of `at` changed, or (`child` given) a child was added, is about to be removed, or
    /// was moved. Called while `child` is linked or readable.
    void mark(const xmlNode* at, const xmlNode* child);

    struct node_state {
        bool whole = false;  ///< everything below, in new order
        bool header = false; ///< state and transient attributes
        bool order = false;  ///< histories came, went or moved
        std::set<std::string, std::less<>> histories;
    };

    bool everything = false;
    bool options = false;
    bool resource_defaults = false;
    bool operation_defaults = false;
    bool nodes = false;
    bool all_resources = false;
    bool resource_order = false;
    bool constraint_order = false;
    bool tickets = false;
    bool status_order = false;
    std::set<std::string, std::less<>> resources;
    std::set<std::string, std::less<>> constraints;
    std::map<std::string, node_state, std::less<>> status;

    /// Any of the configuration is to be read again.
    [[nodiscard]] bool configuration() const;

private:
    void mark_configuration(const std::vector<const xmlNode*>& path, const xmlNode* child);
    void mark_resources(const xmlNode* at, const xmlNode* child);
    void mark_subtree(const xmlNode* resource);
    void mark_status(const std::vector<const xmlNode*>& path, const xmlNode* child);
};

struct derived {
    std::shared_ptr<const model::cib_facts> facts;
    bool uses_references = false; ///< some fact depends on elements other than its own
};

/// Facts of a whole document. `cib` is its root element.
derived derive_all(const xmlNode* cib);

/// Facts after a change; what is not dirty is shared with `before`.
derived derive_changed(const xmlNode* cib, const derived& before, const dirty_set& dirty);

} // namespace bridge::xml
