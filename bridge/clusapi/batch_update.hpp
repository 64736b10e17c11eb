// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// CLUSTER_REG_BATCH_UPDATE (MS-CMRP 2.2.3.17): commands of ExecuteBatch, ExecuteReadBatch and
/// batch notifications. Little-endian whatever the transfer syntax.
namespace bridge::clusapi {

/// CLUSTER_REG_BATCH_COMMAND (MS-CMRP 2.2.2.8).
enum class batch_verb : std::uint32_t {
    set_value = 1,
    create_key = 2,
    delete_key = 3,
    delete_value = 4,
    value_deleted = 6, ///< in notifications: the data that was there
    read_key = 7,
    read_value = 8,
    read_error = 9, ///< in answers: the type is the code
};

/// BATCH_UPDATE_COMMAND (MS-CMRP 2.2.3.17.1). The verb may be any number.
struct batch_command {
    batch_verb verb{};
    std::uint32_t type = 0;
    std::u16string name;
    std::vector<std::byte> data;

    bool operator==(const batch_command&) const = default;
};

inline constexpr std::size_t max_batch_commands = 4096;

/// nullopt: not version 1, no command, too many commands, a length beyond the end, a name whose
/// length is odd or below 2 or which does not end with its only NUL. The padding of the last
/// command may be missing.
std::optional<std::vector<batch_command>> parse_batch(std::span<const std::byte> bytes);

std::vector<std::byte> encode_batch_update(std::span<const batch_command> commands);

} // namespace bridge::clusapi
