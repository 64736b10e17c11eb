// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sgpr_inventory/made_up_machine.hpp"

#include "sgpr/path.hpp"
#include "sgpr/vpd.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace sgpr::tests {

namespace fs = std::filesystem;

made_up_machine::made_up_machine() {
    std::string pattern = (fs::temp_directory_path() / "sgpr-machine-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("no temporary folder");
    root_ = pattern;
    for (const char* folder :
         {"sys/block", "sys/class/block", "sys/dev/block", "dev/mapper", "proc"})
        fs::create_directories(at(folder));
    write("proc/self/mountinfo", "");
    write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
}

made_up_machine::~made_up_machine() {
    std::error_code error;
    fs::remove_all(root_, error);
}

void made_up_machine::write(const std::string& file, std::string_view content) {
    fs::create_directories(at(file).parent_path());
    std::ofstream(at(file), std::ios::binary | std::ios::trunc) << content;
}

void made_up_machine::link(const std::string& name, const std::string& to) {
    fs::create_directories(at(name).parent_path());
    fs::create_symlink(at(to), at(name));
}

void made_up_machine::add_block(const std::string& name, const std::string& folder) {
    const std::string number = "8:" + std::to_string(next_minor_++);
    write(folder + "/dev", number + "\n");
    write(folder + "/size", "2048\n");
    fs::create_directories(at(folder + "/holders"));
    link("sys/class/block/" + name, folder);
    link("sys/dev/block/" + number, folder);
    write("dev/" + name, "");
    fs::resize_file(at("dev/" + name), 1U << 20);
}

void made_up_machine::add(const made_up_device& device) {
    const std::string folder = "sys/devices/" + device.above + "/target/" + device.address;
    const std::string block = folder + "/block/" + device.block;
    write(folder + "/type", "0\n");
    write(folder + "/state", device.state + "\n");
    add_block(device.block, block);
    link("sys/block/" + device.block, block);
    link(block + "/device", folder);
    if (!device.generic.empty()) {
        fs::create_directories(at(folder + "/scsi_generic/" + device.generic));
        write("dev/" + device.generic, "");
        nodes_[device.generic] = device;
    }
    nodes_[device.block] = device;
    if (!device.has_node) {
        fs::remove(at("dev/" + device.block));
        fs::remove(at("dev/" + device.generic));
    }
    if (device.unit != nullptr && device.page_83_kept) {
        virtual_clock time;
        path way(device.unit->open(device.nexus), time);
        const auto page = read_vital_product(way, 0x83);
        write(folder + "/vpd_pg83", std::string(page->begin(), page->end()));
    }
}

void made_up_machine::add_map(const std::string& name, const std::string& alias,
                              const std::string& uuid, const std::vector<std::string>& slaves) {
    const std::string folder = "sys/devices/virtual/block/" + name;
    add_block(name, folder);
    link("sys/block/" + name, folder);
    write(folder + "/dm/uuid", uuid + "\n");
    write(folder + "/dm/name", alias + "\n");
    for (const auto& slave : slaves) {
        link(folder + "/slaves/" + slave, "sys/class/block/" + slave);
        link("sys/class/block/" + slave + "/holders/" + name, folder);
    }
    link("dev/mapper/" + alias, "dev/" + name);
}

void made_up_machine::add_partition(const std::string& disk, const std::string& name) {
    const std::string folder =
        fs::relative(fs::canonical(at("sys/class/block/" + disk)), fs::canonical(root_)).string() +
        "/" + name;
    add_block(name, folder);
    write(folder + "/partition", "1\n");
}

void made_up_machine::write_medium(const std::string& block, std::string_view content) {
    write("dev/" + block, content);
    fs::resize_file(at("dev/" + block), 1U << 20);
}

machine made_up_machine::view() const {
    machine here{.sysfs = root_ / "sys", .proc = root_ / "proc", .dev = root_ / "dev"};
    here.open = [this](const fs::path& node) -> result<std::unique_ptr<transport>> {
        ++opened_;
        const auto found = nodes_.find(node.filename().string());
        if (found == nodes_.end() || found->second.unit == nullptr)
            return failure{.code = errc::system, .os_error = EACCES};
        return found->second.unit->open(found->second.nexus);
    };
    return here;
}

} // namespace sgpr::tests
