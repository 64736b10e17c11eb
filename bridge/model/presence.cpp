// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/presence.hpp"

#include "bridge/model/rules.hpp"

#include <algorithm>

namespace bridge::model {

namespace {

class ends_of_migrations : public other_nodes {
public:
    ends_of_migrations(const std::vector<observed_node>& nodes, const std::string& id)
        : nodes_(nodes), id_(id) {}

    [[nodiscard]] const history_facts* history_on(std::string_view node) const override {
        const auto* found = find(node);
        return found != nullptr && found->status ? found->status->histories.find(id_).get()
                                                 : nullptr;
    }
    [[nodiscard]] bool online(std::string_view node) const override {
        const auto* found = find(node);
        return found != nullptr && found->online;
    }

private:
    [[nodiscard]] const observed_node* find(std::string_view name) const {
        const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                        [&](const auto& each) { return each.name == name; });
        return found == nodes_.end() ? nullptr : &*found;
    }

    const std::vector<observed_node>& nodes_;
    const std::string& id_;
};

void add_other_ends(const std::vector<observed_node>& nodes, presence& made) {
    for (const auto& status : made.status)
        for (const auto& name : status.also_on)
            for (std::size_t i = 0; i < nodes.size(); ++i)
                if (nodes[i].online && nodes[i].name == name)
                    made.on[i] = true;
}

} // namespace

presence presence_of(const cib_facts& facts, const std::vector<observed_node>& nodes,
                     const std::string& id, const history_rules& rules, bool any_instance) {
    presence made;
    made.status.resize(nodes.size());
    made.on.assign(nodes.size(), false);
    const ends_of_migrations others(nodes, id);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& node = nodes[i];
        if (!node.status || (!node.online && !rules.fencing))
            continue;
        const auto& histories = node.status->histories;
        const auto at = histories.position(id);
        if (at == histories.size())
            continue;
        const history_place place{node.name, node.online && at <= node.fenced_from,
                                  failures_of(facts, *node.status, id, any_instance), &others};
        auto& status = made.status[i];
        status = status_of(*histories[at], rules, place);
        made.is = std::max(made.is, status.is);
        made.on[i] = node.online && status.active();
        made.failed = made.failed || (node.online && status.failed);
        made.changes_at = earlier(made.changes_at, status.changes_at);
    }
    add_other_ends(nodes, made);
    return made;
}

} // namespace bridge::model
