// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/disks.hpp"

#include <filesystem>
#include <memory>
#include <string_view>

namespace bridge::storage {

/// Disks out of a file instead of a machine, the same on every node: for the embedded cluster and
/// for trials where there are no shared disks.
class listed_disks final : public ports::disks {
public:
    /// No disks.
    listed_disks();
    /// Throws std::runtime_error (what an operator can mend): the file is no JSON of the form that
    /// README.md has.
    explicit listed_disks(const std::filesystem::path& file);

    [[nodiscard]] std::shared_ptr<const model::node_disks> of(std::string_view) const override {
        return all_;
    }

private:
    std::shared_ptr<const model::node_disks> all_;
};

/// The text of such a file; throws std::runtime_error.
model::node_disks parse_disk_list(std::string_view text);

} // namespace bridge::storage
