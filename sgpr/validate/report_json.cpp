// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/facts_json.hpp"
#include "sgpr/validate/report_output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace sgpr::validate {
namespace {

namespace json = boost::json;

json::object to_json(const test_result& one) {
    json::array findings;
    for (const auto& found : one.findings) {
        findings.emplace_back(json::object{
            {"verdict", word(found.what)}, {"text", found.text}, {"remedy", found.remedy}});
    }
    json::array evidence;
    for (const auto& line : one.evidence) {
        evidence.emplace_back(json::object{{"node", line.node},
                                           {"sent", line.sent},
                                           {"received", line.received},
                                           {"duration_us", line.duration_us},
                                           {"surprising", line.surprising}});
    }
    return {{"test", one.test},
            {"disk", one.disk.empty() ? json::value(nullptr) : json::value(one.disk)},
            {"verdict", word(one.what)},
            {"duration_ms", one.duration_ms},
            {"findings", std::move(findings)},
            {"evidence", std::move(evidence)},
            {"evidence_dropped", one.evidence_dropped}};
}

} // namespace

std::string report_json(const report& what) {
    json::array nodes;
    for (const auto& one : what.nodes) {
        nodes.emplace_back(to_json(one));
    }
    json::array disks;
    for (const auto& one : what.disks) {
        disks.emplace_back(one);
    }
    json::array tests;
    for (const auto& one : what.tests) {
        tests.emplace_back(json::object{{"id", one.id},
                                        {"title", one.title},
                                        {"description", one.description},
                                        {"changes", one.changes},
                                        {"per_disk", one.per_disk}});
    }
    json::array results;
    for (const auto& one : what.results) {
        results.emplace_back(to_json(one));
    }
    const json::object made{{"format", "clusbridge-storage-validation"},
                            {"format_version", 1},
                            {"program_version", what.version},
                            {"begun", what.begun},
                            {"duration_ms", what.duration_ms},
                            {"verdict", word(what.worst())},
                            {"nodes", std::move(nodes)},
                            {"disks", std::move(disks)},
                            {"tests", std::move(tests)},
                            {"results", std::move(results)}};
    return json::serialize(made) + "\n";
}

} // namespace sgpr::validate
