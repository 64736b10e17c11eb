// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/nodes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// What location constraints say about resources and nodes.
namespace bridge::model {

/// Scores of one resource, one per node of the set; `named` where a constraint says anything.
struct node_scores {
    std::vector<std::int32_t> total;
    std::vector<bool> named;
    /// Without the constraints of a move (cli-prefer-, cli-ban-).
    std::vector<std::int32_t> lasting;
};

/// Sum of two scores, kept inside +-INFINITY; -INFINITY wins.
std::int32_t add_scores(std::int32_t a, std::int32_t b);

class location_scores {
public:
    location_scores() = default;
    location_scores(const cib_facts& facts, const node_set& nodes);

    /// Null when no constraint names the resource.
    [[nodiscard]] const node_scores* find(std::string_view resource) const;
    /// symmetric-cluster: a resource may run where nothing is said.
    [[nodiscard]] bool symmetric() const { return symmetric_; }

private:
    void apply(const location_facts& constraint, const cib_facts& facts, const node_set& nodes);
    void add(const std::string& resource, std::size_t node, std::int32_t score, bool lasting);

    std::unordered_map<std::string, node_scores> scores_;
    std::size_t node_count_ = 0;
    bool symmetric_ = true;
};

} // namespace bridge::model
