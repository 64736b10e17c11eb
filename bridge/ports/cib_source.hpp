// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <system_error>

namespace bridge::model {
struct cib_facts;
}

namespace bridge::ports {

/// The CIB as it changes. Lives on the daemon's one thread: every handler runs there, no call
/// blocks.
class cib_source {
public:
    /// `facts` null: the connection was lost and is being made again; the next facts come from a
    /// full query. `settled`: the cluster has been idle since it saw the version of these facts, so
    /// nothing more will follow from it by itself. The same facts come again when only `settled`
    /// changed.
    using handler =
        std::function<void(std::shared_ptr<const model::cib_facts> facts, bool settled)>;
    /// The change is in the local CIB (no error), or why it was refused.
    using completion = std::function<void(std::error_code)>;

    virtual ~cib_source() = default;

    /// Starts to watch. Called once.
    virtual void start(handler changed) = 0;

    /// No call of any handler after this returns.
    virtual void stop() = 0;

    /// Merges `xml` (UTF-8; a `<cib>`, `<configuration>` or one of its sections) into the CIB as
    /// one change.
    virtual void modify(std::string xml, completion done) = 0;
};

} // namespace bridge::ports
