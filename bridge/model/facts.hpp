// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/fact_table.hpp"
#include "bridge/model/option_rules.hpp"
#include "bridge/model/snapshot.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a CIB says, as plain values: no XML, no judgement. One shared object per resource,
/// constraint, node and history, so that whoever compares two states only compares addresses. Text
/// is UTF-8, as in the CIB.
namespace bridge::model {

/// Meta attributes of resources that hold what ClusAPI knows about an object and Pacemaker does
/// not.
inline constexpr std::string_view meta_id = "clusbridge-id";                 ///< GUID text
inline constexpr std::string_view meta_name = "clusbridge-name";             ///< ClusAPI name
inline constexpr std::string_view meta_type = "clusbridge-type";             ///< resource type name
inline constexpr std::string_view meta_group_type = "clusbridge-group-type"; ///< GroupType, decimal
inline constexpr std::string_view meta_online = "clusbridge-online"; ///< group's persistent state
/// "cluster" or "storage": this anchor is "Cluster Group" or "Available Storage"; on a resource,
/// any true value marks a core resource.
inline constexpr std::string_view meta_core = "clusbridge-core";
/// Node attribute that keeps resources from starting there (a paused node).
inline constexpr std::string_view pause_attribute = "clusbridge-pause";
/// Node attribute with the decimal ClusAPI id of a remote or guest node.
inline constexpr std::string_view node_id_attribute = "clusbridge-node-id";
/// Agent of a group's anchor, "class:provider:type".
inline constexpr std::string_view anchor_agent = "ocf:clusbridge:group";

/// Pacemaker's INFINITY; scores are kept inside +-INFINITY.
inline constexpr std::int32_t score_infinity = 1000000;

/// One object, or two that are equal; two null pointers are, too.
template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
    return a == b || (a && b && *a == *b);
}
/// Value of an attribute; null when it is not set. The pointer lives as long as `list`.
const std::string* find_attribute(const attributes& list, std::string_view name);
/// ASCII letters count the same in both cases, as in Pacemaker's keywords.
bool same_word(std::string_view a, std::string_view b);
/// Pacemaker's truth values: true, on, yes, y, 1 in any case.
bool is_true(std::string_view text);
/// "INFINITY", "-INFINITY", "+5" ...; nullopt when it is no score.
std::optional<std::int32_t> parse_score(std::string_view text);
/// "10s", "2min", "500ms", "PT1M30S", bare seconds; nullopt when it is no duration. Milliseconds.
std::optional<std::uint32_t> parse_interval_ms(std::string_view text);
/// An unsigned decimal number; nullopt for anything else.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A configured operation (`<op>`).
struct operation_facts {
    std::string id;
    std::string name;
    std::uint32_t interval_ms = 0;
    std::optional<std::uint32_t> timeout_ms;
    std::optional<std::uint32_t> start_delay_ms;
    std::string role;
    std::string on_fail; ///< empty: the default
    bool enabled = true;

    bool operator==(const operation_facts&) const = default;
};

enum class resource_kind : std::uint8_t { primitive, group, clone, bundle };

/// Containers of a bundle.
struct bundle_facts {
    std::string technology; ///< docker, podman, rkt
    std::string image;
    std::uint32_t replicas = 1;
    std::uint32_t replicas_per_host = 1;
    std::uint32_t promoted_max = 0;

    bool operator==(const bundle_facts&) const = default;
};

/// A configured resource of any kind; templates are resolved into it.
struct resource_facts {
    std::string id;
    resource_kind kind = resource_kind::primitive;
    bool promotable = false;           ///< clones and bundles
    std::string parent;                ///< id of the enclosing group, clone or bundle
    std::vector<std::string> children; ///< ids, in document order
    std::string class_;                ///< primitives: ocf, systemd, stonith, lsb, service...
    std::string provider;              ///< empty where the class has none
    std::string type;
    std::string description;
    attributes parameters;  ///< instance attributes without rules
    attributes meta;        ///< own ones without rules; inherited ones are not folded in
    option_sets meta_rules; ///< the same with those that have rules; see resolver
    /// Defaults that count for this resource, where those of the cluster have rules; set by
    /// the resolver.
    std::optional<attributes> defaults;
    std::vector<operation_facts> operations;
    std::optional<bundle_facts> bundle;

    /// "class:provider:type", or "class:type".
    [[nodiscard]] std::string agent() const;
    bool operator==(const resource_facts&) const = default;
};

/// One term of a rule: `attribute` `operation` `value`.
struct rule_term {
    std::string attribute;
    std::string operation; ///< lt gt lte gte eq ne defined not_defined
    std::string value;

    bool operator==(const rule_term&) const = default;
};

/// A rule made of node attribute terms. Others (dates, nested rules, operations) are not `simple`:
/// never in effect here.
struct rule_facts {
    bool simple = true;
    bool any = false; ///< boolean-op="or"
    std::string role;
    std::int32_t score = 0;
    std::string score_attribute; ///< node attribute that holds the score
    std::vector<rule_term> terms;

    bool operator==(const rule_facts&) const = default;
};

/// `<resource_set>` of a constraint.
struct resource_set_facts {
    std::vector<std::string> resources;
    bool sequential = true;
    bool require_all = true;
    std::string action;
    std::string role;
    std::optional<std::int32_t> score;

    bool operator==(const resource_set_facts&) const = default;
};

struct location_facts {
    std::string id;
    std::string resource; ///< empty with a pattern or sets
    std::string pattern;  ///< rsc-pattern, a POSIX extended expression; a leading '!' inverts it
    std::string node;
    std::optional<std::int32_t> score;
    std::string role;
    std::vector<rule_facts> rules;
    std::vector<resource_set_facts> sets;

    bool operator==(const location_facts&) const = default;
};

struct colocation_facts {
    std::string id;
    std::string resource;
    std::string with;
    std::int32_t score = 0;
    std::string resource_role;
    std::string with_role;
    std::vector<resource_set_facts> sets;

    bool operator==(const colocation_facts&) const = default;
};

struct order_facts {
    std::string id;
    std::string first;
    std::string then;
    std::string first_action; ///< empty: start
    std::string then_action;  ///< empty: the first action
    bool mandatory = true;    ///< kind Mandatory (or score above 0)
    bool symmetrical = true;
    bool require_all = true;
    std::vector<resource_set_facts> sets;

    bool operator==(const order_facts&) const = default;
};

struct ticket_constraint_facts {
    std::string id;
    std::string resource;
    std::string role;
    std::string ticket;
    std::string loss_policy;
    std::vector<resource_set_facts> sets;

    bool operator==(const ticket_constraint_facts&) const = default;
};

/// State of a ticket (`<ticket_state>`).
struct ticket_facts {
    std::string id;
    bool granted = false;
    bool standby = false;

    bool operator==(const ticket_facts&) const = default;
};

/// A configured node.
struct node_facts {
    std::string id;
    std::string uname;
    std::string type;        ///< member (also for "normal"), remote, ping
    attributes values;       ///< permanent node attributes
    option_sets value_rules; ///< the same with those that have rules; see resolver

    bool operator==(const node_facts&) const = default;
};

/// One executed or running operation (`<lrm_rsc_op>`).
struct operation_result {
    std::string id;
    std::string operation;
    std::uint32_t interval_ms = 0;
    std::int32_t call_id = -1; ///< -1 while in flight
    std::int32_t rc = 0;
    std::int32_t status = 0;                 ///< -1 in flight, 0 done, -2 not told
    std::optional<std::int32_t> expected_rc; ///< from the transition key
    std::string controller;                  ///< identifier in the transition key; may be empty
    std::int32_t transition = -1;            ///< number in the transition key
    std::int64_t last_change = -1;           ///< seconds since 1970; -1 not told
    std::string exit_reason;
    std::string migrate_source;
    std::string migrate_target;

    bool operator==(const operation_result&) const = default;
};

/// What happened to one resource on one node (`<lrm_resource>`), in document order.
struct history_facts {
    std::string id; ///< resource id, with ":n" for an instance of a clone
    std::string class_;
    std::string provider;
    std::string type;
    std::string container; ///< bundle or guest container that it belongs to
    std::vector<operation_result> operations;

    bool operator==(const history_facts&) const = default;
};

/// Failure counter of an operation of a resource on a node (transient attributes fail-count-,
/// last-failure-).
struct failure_facts {
    std::string resource;
    std::string operation; ///< empty in the form of old releases
    std::uint32_t interval_ms = 0;
    std::int32_t count = 0; ///< up to score_infinity
    std::int64_t last = 0;  ///< seconds since 1970

    bool operator==(const failure_facts&) const = default;
};

/// State of a node as the cluster sees it (`<node_state>`).
struct node_status {
    std::string id;
    std::string uname;
    bool remote = false;
    bool in_ccm = false;     ///< a time (3.0 and later) above 0 is true
    bool controller = false; ///< crmd="online", or a time above 0
    std::string join;        ///< down, pending, member, banned
    std::string expected;
    bool fenced = false; ///< node_fenced, of remote nodes
    std::shared_ptr<const attributes>
        values; ///< transient attributes without the failure counters; never null
    std::shared_ptr<const std::vector<failure_facts>> failures; ///< never null
    fact_table<history_facts> histories;

    bool operator==(const node_status&) const;
};

/// A whole CIB. `status` of a node may exist without its configuration and the other way round.
struct cib_facts {
    cib_version version;
    std::string dc; ///< id of the node, from dc-uuid; empty without one
    bool have_quorum = false;
    std::string feature_set;
    std::string validate_with;
    std::shared_ptr<const attributes> options;            ///< crm_config; never null
    std::shared_ptr<const attributes> resource_defaults;  ///< never null
    std::shared_ptr<const attributes> operation_defaults; ///< never null
    /// The same with those that have rules; null when none has.
    std::shared_ptr<const option_sets> option_rules;
    std::shared_ptr<const option_sets> resource_default_rules;
    std::shared_ptr<const option_sets> operation_default_rules;
    fact_table<node_facts> nodes;
    fact_table<resource_facts> resources; ///< parents before their children, document order
    fact_table<location_facts> locations;
    fact_table<colocation_facts> colocations;
    fact_table<order_facts> orders;
    fact_table<ticket_constraint_facts> ticket_constraints;
    fact_table<ticket_facts> tickets;
    fact_table<node_status> status;

    /// An empty CIB; the shared members are set.
    cib_facts();
    bool operator==(const cib_facts&) const;
};

using cib_facts_ptr = std::shared_ptr<const cib_facts>;

/// A meta attribute as it counts for a resource: its own, else its parents', else the defaults;
/// null when unset. The pointer lives as long as `facts`.
const std::string* effective_meta(const cib_facts& facts, const resource_facts& resource,
                                  std::string_view name);

} // namespace bridge::model
