// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/describe.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sgpr::validate {
namespace {

std::string_view long_name(verb what) {
    switch (what) {
    case verb::page:
        return "INQUIRY, vital product data page";
    case verb::ready:
        return "TEST UNIT READY";
    case verb::capabilities:
        return "PERSISTENT RESERVE IN, REPORT CAPABILITIES";
    case verb::picture:
        return "PERSISTENT RESERVE IN, READ KEYS and READ RESERVATION";
    case verb::full_status:
        return "PERSISTENT RESERVE IN, READ FULL STATUS";
    case verb::register_ignore:
        return "PERSISTENT RESERVE OUT, REGISTER AND IGNORE EXISTING KEY";
    case verb::register_key:
        return "PERSISTENT RESERVE OUT, REGISTER";
    case verb::reserve:
        return "PERSISTENT RESERVE OUT, RESERVE";
    case verb::release:
        return "PERSISTENT RESERVE OUT, RELEASE";
    case verb::clear:
        return "PERSISTENT RESERVE OUT, CLEAR";
    case verb::preempt:
        return "PERSISTENT RESERVE OUT, PREEMPT";
    case verb::preempt_and_abort:
        return "PERSISTENT RESERVE OUT, PREEMPT AND ABORT";
    case verb::register_all:
        return "REGISTER AND IGNORE EXISTING KEY on every path";
    case verb::registered:
        return "which paths are registered";
    case verb::attentions:
        return "unit attentions that were met";
    case verb::sectors:
        return "find two unused sectors";
    case verb::read_sector:
        return "READ with FUA, unused sector";
    case verb::write_sector:
        return "WRITE with FUA, unused sector";
    case verb::own_begin:
        return "begin to acquire the disk";
    case verb::own_step:
        return "go on with acquisition or defence";
    case verb::own_end:
        return "give the disk up";
    case verb::online:
        return "mount the disk's file systems";
    case verb::offline:
        return "flush and unmount";
    case verb::write_file:
        return "write a file";
    case verb::verify_file:
        return "read the file back and compare";
    case verb::delete_file:
        return "delete the file";
    case verb::clean_up:
        return "undo what is left";
    case verb::describe:
        return "list the disks";
    }
    return "?";
}

bool with_key(verb what) {
    return (what >= verb::register_ignore && what <= verb::registered) || what == verb::own_begin;
}

bool through_one_path(verb what) {
    return what == verb::page || what == verb::ready ||
           (what >= verb::capabilities && what <= verb::preempt_and_abort) ||
           what == verb::read_sector || what == verb::write_sector;
}

std::string hex(byte_view data, std::size_t most) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string said;
    for (std::size_t i = 0; i < std::min(most, data.size()); ++i) {
        said += digits[data[i] >> 4];
        said += digits[data[i] & 15];
    }
    return data.size() > most ? said + "..." : said;
}

std::string told(const reservation_capabilities& is) {
    std::string said = "persists through power loss (PTPL_C): ";
    said += is.persists ? "yes" : "no";
    said += is.persistence_active ? ", active" : "";
    said += is.specify_initiators ? "; SPEC_I_PT" : "";
    said += is.all_target_ports ? "; ALL_TG_PT" : "";
    said += "; types";
    for (const auto type : all_reservation_types) {
        said += is.types_told && is.supports(type)
                    ? " " + std::to_string(static_cast<unsigned>(type))
                    : "";
    }
    return is.types_told ? said : said + " not told";
}

std::string told(const std::vector<path_state>& paths) {
    std::string said;
    for (const auto& one : paths) {
        said += said.empty() ? "" : "; ";
        said += one.device + ": ";
        said += one.failed ? text(*one.failed) : one.registered ? "registered" : "not registered";
    }
    return said;
}

} // namespace

std::string describe(const reservation_picture& what) {
    std::string said = "generation " + std::to_string(what.generation) + "; keys:";
    for (const auto one : what.keys) {
        said += " " + sgpr::text(one);
    }
    said += what.keys.empty() ? " none" : "";
    said += "; reservation: ";
    if (what.held) {
        return said + sgpr::text(what.held->type) + ", held with " + sgpr::text(what.held->holder);
    }
    return said + "none";
}

std::string describe(const request& what, const disk_facts* disk) {
    std::string said{long_name(what.what)};
    if (what.what == verb::page) {
        said += " " + hex(bytes{what.page}, 1) + "h";
    }
    if (with_key(what.what)) {
        said += what.own ? ", key " + sgpr::text(what.own) : ", no key (unregister)";
    }
    if (what.what == verb::preempt || what.what == verb::preempt_and_abort) {
        said += ", victim " + sgpr::text(what.other);
    }
    if (what.what == verb::reserve || what.what == verb::release) {
        said += ", type " + std::to_string(static_cast<unsigned>(what.type));
    }
    if (what.what == verb::write_sector) {
        said += ": " + hex(what.data, 16);
    }
    if (through_one_path(what.what) && disk != nullptr && what.path < disk->paths.size()) {
        said += ", through " + disk->paths[what.path].device;
    }
    return said;
}

std::string describe(const request& what, const answer& got) {
    if (what.what == verb::own_step || what.what == verb::own_begin) {
        return std::string(text(got.ownership)) + (got.text.empty() ? "" : ": " + got.text);
    }
    if (got.failed && got.paths.empty()) {
        return text(*got.failed);
    }
    if (got.capabilities) {
        return told(*got.capabilities);
    }
    if (what.what == verb::full_status && got.picture) {
        std::string said = std::to_string(got.picture->keys.size()) + " registrations";
        for (const auto& one : got.picture->registrations.value_or(std::vector<registration>{})) {
            said += "; " + sgpr::text(one.registered) + " of " + sgpr::text(one.initiator);
            said += one.holds ? " (holds the reservation)" : "";
        }
        return said;
    }
    if (got.picture) {
        return describe(*got.picture);
    }
    if (!got.paths.empty()) {
        return told(got.paths);
    }
    if (what.what == verb::attentions) {
        std::string said;
        for (const auto& one : got.attentions) {
            said += (said.empty() ? "" : "; ") + one;
        }
        return said.empty() ? "none" : said;
    }
    if (!got.data.empty()) {
        return std::to_string(got.data.size()) + " bytes: " + hex(got.data, 32);
    }
    if (what.what == verb::sectors && got.numbers.size() == 2) {
        return "blocks " + std::to_string(got.numbers[0]) + " and " +
               std::to_string(got.numbers[1]);
    }
    if (what.what == verb::online) {
        return std::to_string(got.numbers.size()) + " volumes";
    }
    return "GOOD";
}

} // namespace sgpr::validate
