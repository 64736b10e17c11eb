// SPDX-License-Identifier: Apache-2.0
// dump_snapshot CIB.xml [unsettled] [now]: the snapshot of a CIB as lines of text, in a stable
// order. Failures expire by the time `now`, seconds since 1970.
#include "bridge/model/builder.hpp"
#include "xml/catalogue.hpp"
#include "xml/cib.hpp"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace bridge;

void print_value(const model::property_value& value) {
    if (const auto* number = std::get_if<std::uint32_t>(&value))
        std::printf("%u", *number);
    else if (const auto* wide = std::get_if<std::uint64_t>(&value))
        std::printf("%llu", static_cast<unsigned long long>(*wide));
    else if (const auto* text = std::get_if<std::string>(&value))
        std::printf("\"%s\"", text->c_str());
    else if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
        for (const auto& each : *texts)
            std::printf("\"%s\" ", each.c_str());
}

void print_properties(const char* kind, const model::property_list& list) {
    for (const auto& each : list) {
        std::printf("  %s %s = ", kind, each.name.c_str());
        print_value(each.value);
        std::printf("\n");
    }
}

std::string joined(const std::vector<std::string>& all) {
    std::string text;
    for (const auto& each : all)
        text += (text.empty() ? "" : ",") + each;
    return text;
}

const char* text_of(model::resource_state state) {
    switch (state) {
    case model::resource_state::initializing:
        return "initializing";
    case model::resource_state::online:
        return "online";
    case model::resource_state::offline:
        return "offline";
    case model::resource_state::failed:
        return "failed";
    case model::resource_state::online_pending:
        return "online_pending";
    case model::resource_state::offline_pending:
        return "offline_pending";
    }
    return "?";
}

const char* text_of(model::group_state state) {
    constexpr const char* names[] = {"online", "offline", "failed", "partial_online", "pending"};
    return names[static_cast<std::size_t>(state)];
}

const char* text_of(model::node_state state) {
    constexpr const char* names[] = {"up", "down", "paused", "joining"};
    return names[static_cast<std::size_t>(state)];
}

const char* text_of(model::group_kind kind) {
    constexpr const char* names[] = {"anchor", "native", "lone", "instance", "fencing", "core"};
    return names[static_cast<std::size_t>(kind)];
}

std::string name_of_node(const model::snapshot& all, const std::string& id) {
    const auto found = all.nodes.find_id(id);
    return found ? found->cib_id : "-";
}

std::string name_of_resource(const model::snapshot& all, const std::string& id) {
    const auto found = all.resources.find_id(id);
    return found ? found->name : "?";
}

std::string relations(const model::snapshot& all, const model::resource& object) {
    std::string text;
    for (const auto& clause : object.dependencies) {
        text += text.empty() ? "(" : " and (";
        for (std::size_t i = 0; i < clause.size(); ++i)
            text += (i > 0 ? " or [" : "[") + name_of_resource(all, clause[i]) + "]";
        text += ")";
    }
    return text;
}

void print(const model::snapshot& all) {
    std::printf("version %u.%u.%u\n", all.version.admin_epoch, all.version.epoch,
                all.version.num_updates);
    std::printf("cluster id=%s name=\"%s\" quorate=%d\n", all.info->id.c_str(),
                all.info->name.c_str(), all.quorum_info.quorate);
    for (const auto& each : all.nodes)
        std::printf("node id=%s name=\"%s\" uname=\"%s\" remote=%d state=%s\n", each->id.c_str(),
                    each->name.c_str(), each->cib_id.c_str(), each->remote, text_of(each->state));
    for (const auto& each : all.groups) {
        std::printf("group id=%s name=\"%s\" cib=\"%s\" kind=%s state=%s wanted=%d owner=%s "
                    "flags=%u type=%u\n",
                    each->id.c_str(), each->name.c_str(), each->cib_id.c_str(), text_of(each->kind),
                    text_of(each->state), each->persistent_online,
                    name_of_node(all, each->owner).c_str(), each->flags, each->type);
        if (!each->preferred_owners.empty())
            std::printf("  preferred %s\n", joined(each->preferred_owners).c_str());
        print_properties("common", each->common);
    }
    for (const auto& each : all.resources) {
        const auto group = all.groups.find_id(each->group);
        std::printf("resource id=%s name=\"%s\" cib=\"%s\" type=\"%s\" group=\"%s\" state=%s "
                    "wanted=%d locked=%d owner=%s flags=%u class=%u\n",
                    each->id.c_str(), each->name.c_str(), each->cib_id.c_str(), each->type.c_str(),
                    group ? group->name.c_str() : "?", text_of(each->state),
                    each->persistent_online, each->locked,
                    group ? name_of_node(all, group->owner).c_str() : "-", each->flags,
                    static_cast<unsigned>(each->class_));
        if (!each->dependencies.empty())
            std::printf("  needs %s\n", relations(all, *each).c_str());
        std::printf("  possible %s\n", joined(each->possible_owners).c_str());
        print_properties("common", each->common);
        print_properties("private", each->private_properties);
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: dump_snapshot CIB.xml [unsettled] [now]\n");
        return 2;
    }
    std::ifstream in(argv[1], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto document = xml::cib_document::parse(text);
    if (!document) {
        std::fprintf(stderr, "%s is no CIB\n", argv[1]);
        return 1;
    }
    model::builder_settings settings;
    settings.cluster_id = *win32::parse_guid("11111111-2222-3333-4444-555555555555");
    model::builder build(settings);
    const auto types = xml::catalogue::built_in().types({});
    bool settled = true;
    std::int64_t now = 0;
    for (const std::string_view word : std::span(argv, static_cast<std::size_t>(argc)).subspan(2)) {
        if (word == "unsettled")
            settled = false;
        else
            now = static_cast<std::int64_t>(model::parse_number(word).value_or(0));
    }
    print(*build.build(document->facts(), nullptr, types, settled, now));
    return 0;
}
