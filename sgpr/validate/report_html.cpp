// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/html_text.hpp"
#include "sgpr/validate/report_output.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sgpr::validate {
namespace {

/// A shape beside every colour.
std::string_view sign(verdict what) {
    switch (what) {
    case verdict::passed:
        return "✓";
    case verdict::warning:
        return "!";
    case verdict::failed:
        return "✕";
    case verdict::cancelled:
        return "■";
    case verdict::not_applicable:
        break;
    }
    return "–";
}

std::string badge(verdict what) {
    return "<span class=\"badge is-" + std::string(word(what)) + "\"><span aria-hidden=\"true\">" +
           std::string(sign(what)) + "</span>" + std::string(text(what)) + "</span>";
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<const char*, 5> units = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 32> room{};
    const auto size =
        std::snprintf(room.data(), room.size(), value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s",
                      value, units[unit]);
    return {room.data(), static_cast<std::size_t>(std::clamp(size, 0, 31))};
}

std::string time_text(std::uint64_t milliseconds) {
    if (milliseconds < 1000) {
        return std::to_string(milliseconds) + " ms";
    }
    return std::to_string(milliseconds / 1000) + "." + std::to_string(milliseconds % 1000 / 100) +
           " s";
}

std::string micro_text(std::uint64_t us) {
    std::array<char, 32> room{};
    const auto size =
        std::snprintf(room.data(), room.size(), "%.2f ms", static_cast<double>(us) / 1000);
    return {room.data(), static_cast<std::size_t>(std::clamp(size, 0, 31))};
}

/// "2026-11-26T15:53:45Z" for people.
std::string date_text(std::string utc) {
    if (utc.size() == 20 && utc[10] == 'T' && utc.back() == 'Z') {
        utc[10] = ' ';
        utc.replace(19, 1, " UTC");
    }
    return utc;
}

std::string counted(std::size_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

/// A finding that is to be acted upon, and the disks that it is about.
struct concern {
    const test_result* first = nullptr;
    const finding* found = nullptr;
    std::vector<std::string> disks;
};

/// Failures first; the same of several disks once.
std::vector<concern> concerns_of(const report& what) {
    std::vector<concern> all;
    for (const auto wanted : {verdict::failed, verdict::warning}) {
        for (const auto& one : what.results) {
            for (const auto& found : one.findings) {
                if (found.what != wanted) {
                    continue;
                }
                const auto same = std::find_if(all.begin(), all.end(), [&](const concern& other) {
                    return other.first->test == one.test && other.found->text == found.text;
                });
                if (same == all.end()) {
                    all.push_back({&one, &found, {one.disk}});
                } else if (same->disks.back() != one.disk) {
                    same->disks.push_back(one.disk);
                }
            }
        }
    }
    return all;
}

std::string anchor(const std::string& test, std::size_t disk) {
    return "t-" + escaped(test) + "-" + std::to_string(disk);
}

class page {
public:
    explicit page(const report& what) : what_(what) {}
    std::string made();

private:
    void head();
    void verdict_box();
    void attention();
    void scope();
    void matrix();
    void matrix_row(const test_info& test);
    void disk_table();
    void node_table();
    void path_table();
    void tests();
    void one_test(const test_info& test);
    void one_result(const test_result& one);
    void evidence(const test_result& one);
    void foot();
    [[nodiscard]] std::size_t number_of(const std::string& disk) const;
    [[nodiscard]] std::string name_of(const std::string& disk) const;
    void add(std::string_view text) { html_ += text; }
    void cell(std::string_view text, std::string_view open = "<td>") {
        add(open);
        html_ += escaped(text);
        add("</td>");
    }

    const report& what_;
    std::string html_;
};

/// From 1; 0 for none.
std::size_t page::number_of(const std::string& disk) const {
    const auto at = std::find(what_.disks.begin(), what_.disks.end(), disk);
    return at == what_.disks.end() ? 0 : static_cast<std::size_t>(at - what_.disks.begin()) + 1;
}

std::string page::name_of(const std::string& disk) const {
    return disk.empty() ? "All disks" : "Disk " + std::to_string(number_of(disk));
}

void page::head() {
    add("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n"
        "<title>Storage validation report</title>\n<style>");
    add(report_style());
    add("</style></head><body><main>\n<header><h1>Storage validation report</h1><p>");
    std::string nodes;
    for (const auto& one : what_.nodes) {
        nodes += (nodes.empty() ? "" : ", ") + one.name;
    }
    html_ += escaped(date_text(what_.begun)) + " · " + counted(what_.nodes.size(), "node") + " (" +
             escaped(nodes) + ") · " + counted(what_.disks.size(), "disk") + " · " +
             counted(what_.tests.size(), "test") + ", " + counted(what_.results.size(), "result") +
             " · took " + time_text(what_.duration_ms);
    add("</p></header>\n");
}

std::string_view conclusion(verdict worst) {
    switch (worst) {
    case verdict::passed:
        return "All tests that apply have passed. The storage does what a cluster needs.";
    case verdict::warning:
        return "The storage can be used by a cluster; read the warnings first.";
    case verdict::failed:
        return "Do not put data that matters on disks that failed before the causes are removed.";
    case verdict::cancelled:
        return "The validation was stopped; it proves nothing about the tests that did not run.";
    case verdict::not_applicable:
        break;
    }
    return "No test applied: nothing is known about the storage.";
}

std::string_view headline(verdict worst) {
    switch (worst) {
    case verdict::passed:
        return "Passed";
    case verdict::warning:
        return "Passed with warnings";
    case verdict::failed:
        return "Failed";
    case verdict::cancelled:
        return "Cancelled";
    case verdict::not_applicable:
        break;
    }
    return "Nothing was tested";
}

void page::verdict_box() {
    const auto worst = what_.worst();
    html_ += "<section class=\"verdict is-" + std::string(word(worst)) +
             "\"><span class=\"sign\" aria-hidden=\"true\">" + std::string(sign(worst)) +
             "</span><div><strong>" + std::string(headline(worst)) +
             "</strong><span class=\"say\">" + std::string(conclusion(worst)) +
             "</span></div></section>\n<div class=\"counts\">";
    for (const auto one : {verdict::passed, verdict::warning, verdict::failed,
                           verdict::not_applicable, verdict::cancelled}) {
        if (one == verdict::cancelled && what_.count(one) == 0) {
            continue;
        }
        html_ += "<div><b>" + std::to_string(what_.count(one)) + "</b>" + badge(one) + "</div>";
    }
    add("</div>\n");
}

/// What the reader has to do something about, before the tables.
void page::attention() {
    const auto all = concerns_of(what_);
    if (all.empty()) {
        return;
    }
    add("<h2>What needs attention</h2>\n<section class=\"card\"><ul class=\"findings\">");
    for (const auto& one : all) {
        const auto* test = what_.find_test(one.first->test);
        std::string where;
        for (const auto& disk : one.disks) {
            where += (where.empty() ? "" : ", ") + name_of(disk);
        }
        html_ += "<li><span class=\"mark c-" + std::string(word(one.found->what)) + "\" title=\"" +
                 std::string(text(one.found->what)) + "\">" + std::string(sign(one.found->what)) +
                 "</span><div><b>" + where + ", <a href=\"#" +
                 anchor(one.first->test, number_of(one.first->disk)) + "\">" +
                 escaped(test == nullptr ? one.first->test : test->title) + "</a>.</b> " +
                 escaped(one.found->text);
        if (!one.found->remedy.empty()) {
            html_ +=
                "<p class=\"remedy\"><b>What to do.</b> " + escaped(one.found->remedy) + "</p>";
        }
        add("</div></li>");
    }
    add("</ul></section>\n");
}

/// So that nobody takes the report for more than it is.
void page::scope() {
    add("<h2>What this report says</h2>\n<section class=\"card text\"><p>Every node sent SCSI "
        "commands to every disk through each of its paths. A verdict rests on what the disks "
        "answered and on what they showed afterwards; each test lists its commands as evidence."
        "</p><p>It does not cover load, the failover of array controllers, a power loss of the "
        "array, or nodes that took no part. Tests that are not applicable say why.</p>"
        "</section>\n");
}

void page::matrix_row(const test_info& test) {
    html_ += "<tr><th scope=\"row\"><a href=\"#test-" + escaped(test.id) + "\">" +
             escaped(test.title) + "</a></th>";
    if (!test.per_disk) {
        const auto* one = what_.find(test.id, "");
        html_ += "<td class=\"all\" colspan=\"" +
                 std::to_string(std::max<std::size_t>(1, what_.disks.size())) + "\">" +
                 (one == nullptr ? std::string{}
                                 : "<a href=\"#" + anchor(test.id, 0) + "\">" + badge(one->what) +
                                       "</a> all disks together") +
                 "</td></tr>\n";
        return;
    }
    for (const auto& disk : what_.disks) {
        const auto* one = what_.find(test.id, disk);
        html_ += "<td>" +
                 (one == nullptr ? std::string{}
                                 : "<a href=\"#" + anchor(test.id, number_of(disk)) + "\">" +
                                       badge(one->what) + "</a>") +
                 "</td>";
    }
    add("</tr>\n");
}

void page::matrix() {
    add("<h2>Results</h2>\n<div class=\"scroll\"><table><thead><tr><th>Test</th>");
    for (const auto& disk : what_.disks) {
        html_ += "<th scope=\"col\">" + name_of(disk) + "</th>";
    }
    add(what_.disks.empty() ? "<th></th></tr></thead><tbody>\n" : "</tr></thead><tbody>\n");
    for (const auto& test : what_.tests) {
        matrix_row(test);
    }
    add("</tbody></table></div>\n");
}

void page::disk_table() {
    add("<h2>Disks</h2>\n<div class=\"scroll\"><table><thead><tr><th>Disk</th><th>Identifier and "
        "serial number</th><th>Product</th><th>Bus</th><th class=\"num\">Size</th><th>Partitions"
        "</th><th>Use</th></tr></thead><tbody>\n");
    for (const auto& id : what_.disks) {
        const disk_facts* disk = nullptr;
        for (const auto& node : what_.nodes) {
            disk = disk == nullptr ? node.find(id) : disk;
        }
        html_ += "<tr><th scope=\"row\" style=\"white-space:nowrap\">" + name_of(id) +
                 "</th><td><code>" + escaped(id) + "</code>";
        if (disk == nullptr) {
            add("</td><td colspan=\"5\">seen by no node</td></tr>\n");
            continue;
        }
        html_ += "<br><code class=\"soft\">" + escaped(disk->serial) + "</code></td>";
        cell(disk->vendor + " " + disk->product + " " + disk->revision);
        cell(disk->bus);
        cell(size_text(disk->blocks * disk->block_size), "<td class=\"num\">");
        std::string parts = disk->style;
        for (const auto& one : disk->volumes) {
            parts += (parts == disk->style ? ": " : ", ") +
                     (one.file_system.empty() ? std::string("no file system") : one.file_system);
        }
        cell(parts);
        cell(disk->in_use.empty() ? "free" : disk->in_use.front());
        add("</tr>\n");
    }
    add("</tbody></table></div>\n");
}

void page::node_table() {
    add("<h2>Nodes</h2>\n<div class=\"scroll\"><table><thead><tr><th>Node</th><th>System</th><th>"
        "Kernel</th><th>sgpr</th><th>multipath-tools</th><th class=\"num\">Disks seen</th></tr>"
        "</thead><tbody>\n");
    for (const auto& node : what_.nodes) {
        add("<tr>");
        cell(node.name);
        cell(node.system);
        cell(node.kernel);
        cell(node.version);
        cell(node.multipath.empty() ? "–" : node.multipath);
        cell(std::to_string(node.disks.size()), "<td class=\"num\">");
        add("</tr>\n");
    }
    add("</tbody></table></div>\n");
}

void page::path_table() {
    add("<h2>Paths</h2>\n<div class=\"scroll\"><table><thead><tr><th>Disk</th><th>Node</th><th>"
        "Device</th><th>Address</th><th>Adapter</th><th>Initiator port</th><th>Target port</th>"
        "</tr></thead><tbody>\n");
    for (const auto& id : what_.disks) {
        for (const auto& node : what_.nodes) {
            const auto* disk = node.find(id);
            for (const auto& one : disk == nullptr ? std::vector<path_facts>{} : disk->paths) {
                html_ += "<tr><td style=\"white-space:nowrap\">" + name_of(id) + "</td>";
                cell(node.name);
                cell(one.device + (one.block.empty() ? "" : " (" + one.block + ")"));
                cell(one.address, "<td class=\"mono\">");
                cell(one.adapter);
                cell(one.initiator.empty() ? "not told" : one.initiator, "<td class=\"mono\">");
                cell(one.target_port.empty() ? "not told" : one.target_port);
                add("</tr>\n");
            }
        }
    }
    add("</tbody></table></div>\n");
}

void page::evidence(const test_result& one) {
    if (one.evidence.empty()) {
        return;
    }
    html_ += std::string("<details") + (one.what == verdict::failed ? " open" : "") +
             "><summary>Evidence: " + counted(one.evidence.size(), "step") +
             "</summary><div class=\"scroll\"><table><thead><tr><th class=\"w-n num\">#</th>"
             "<th class=\"w-node\">Node</th><th>Sent</th><th>Came back</th>"
             "<th class=\"w-time num\">Time</th></tr></thead><tbody>\n";
    std::size_t number = 0;
    for (const auto& line : one.evidence) {
        html_ += line.surprising ? "<tr class=\"surprising\">" : "<tr>";
        cell(std::to_string(++number) + (line.surprising ? " ✕" : ""), "<td class=\"num\">");
        cell(line.node);
        cell(line.sent);
        cell(line.received, "<td class=\"mono\">");
        cell(micro_text(line.duration_us), "<td class=\"num\">");
        add("</tr>\n");
    }
    add("</tbody></table></div>");
    if (one.evidence_dropped > 0) {
        html_ +=
            "<p class=\"soft\">Not listed: " + counted(one.evidence_dropped, "more step") + ".</p>";
    }
    add("</details>");
}

void page::one_result(const test_result& one) {
    html_ += "<div class=\"on\" id=\"" + anchor(one.test, number_of(one.disk)) +
             "\"><div class=\"head\">" + badge(one.what) + "<h3>" + name_of(one.disk) +
             "</h3><code class=\"soft\">" + escaped(one.disk) + "</code>";
    if (one.duration_ms > 0) {
        html_ += "<span class=\"soft\">" + time_text(one.duration_ms) + "</span>";
    }
    add("</div><ul class=\"findings\">");
    for (const auto& found : one.findings) {
        html_ += "<li><span class=\"mark c-" + std::string(word(found.what)) + "\" title=\"" +
                 std::string(text(found.what)) + "\">" + std::string(sign(found.what)) +
                 "</span><div>" + escaped(found.text);
        if (!found.remedy.empty()) {
            html_ += "<p class=\"remedy\"><b>What to do.</b> " + escaped(found.remedy) + "</p>";
        }
        add("</div></li>");
    }
    add("</ul>");
    evidence(one);
    add("</div>\n");
}

void page::one_test(const test_info& test) {
    html_ += "<article id=\"test-" + escaped(test.id) + "\"><div class=\"head\"><h3>" +
             escaped(test.title) + "</h3><code class=\"soft\">" + escaped(test.id) +
             "</code></div><p>" + escaped(test.description) +
             (test.changes ? " Writes to the disk, or changes its reservations." : "") + "</p>\n";
    for (const auto& one : what_.results) {
        if (one.test == test.id) {
            one_result(one);
        }
    }
    add("</article>\n");
}

void page::tests() {
    add("<h2>Tests one by one</h2>\n");
    for (const auto& test : what_.tests) {
        one_test(test);
    }
}

void page::foot() {
    html_ += "<footer>Made by clusbridge sgpr " + escaped(what_.version) +
             ". Keys that this validation registers end in cb57. Section numbers in the text are "
             "those of SPC-4 (INCITS 513).</footer></main></body></html>\n";
}

std::string page::made() {
    head();
    verdict_box();
    attention();
    matrix();
    disk_table();
    node_table();
    path_table();
    scope();
    tests();
    foot();
    return std::move(html_);
}

} // namespace

std::string report_html(const report& what) {
    return page(what).made();
}

} // namespace sgpr::validate
