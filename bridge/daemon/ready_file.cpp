// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/ready_file.hpp"

#include <boost/json.hpp>

#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace bridge::daemon {

void write_ready_file(const std::filesystem::path& file, std::optional<std::uint16_t> epm_port,
                      std::uint16_t clusapi_port) {
    boost::json::object content;
    content["epm_port"] = epm_port ? boost::json::value(*epm_port) : boost::json::value(nullptr);
    content["clusapi_port"] = clusapi_port;
    content["pid"] = ::getpid();
    const std::filesystem::path fresh = file.string() + ".new";
    {
        std::ofstream out(fresh, std::ios::trunc);
        out << boost::json::serialize(content) << '\n';
        if (!out.flush())
            throw std::runtime_error(fresh.string() + ": cannot be written");
    }
    std::filesystem::rename(fresh, file);
}

} // namespace bridge::daemon
