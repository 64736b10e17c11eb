// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/registry_control.hpp"
#include "bridge/registry/replica.hpp"
#include "bridge/registry/store.hpp"

#include <utility>

namespace bridge::daemon {

void register_registry_commands(control_socket& control, registry::replica& replica,
                                registry::sqlite_store& store, const std::filesystem::path& file) {
    registry_operations with;
    with.registry = &replica;
    with.file = file;
    with.flush_rows = [&replica] { return replica.flush_rows(); };
    with.backup = [&store](std::filesystem::path path, std::uint64_t index,
                           registry::backup_completion done) {
        store.backup_to(std::move(path), index, std::move(done));
    };
    with.confirm_dead = [&replica](std::uint32_t node) { replica.confirm_dead(node); };
    with.force = [&replica] { replica.force(); };
    with.log = [&control](std::string_view text) { control.note(text); };
    register_registry_commands(control, std::move(with));
}

} // namespace bridge::daemon
