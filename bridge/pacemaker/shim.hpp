// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/snapshot.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

/// Pacemaker's client libraries behind plain strings. No Pacemaker, GLib or libxml2 type leaves
/// shim.cpp.
///
/// Everything here runs on the one Pacemaker thread (pacemaker_thread.hpp): the libraries keep
/// unlocked process-wide tables, and libxml2 node hooks that belong to the thread which initialised
/// them.
namespace bridge::pacemaker {

/// Which parts of the CIB a patchset changes; a bit set.
enum class cib_scope : std::uint32_t {
    none = 0,
    configuration = 1, ///< anything below /cib/configuration
    membership = 2, ///< a node_state or the root's own attributes beside the version (quorum, DC)
    history = 4,    ///< operations of resources
    attributes = 8, ///< transient node attributes
};
constexpr cib_scope operator|(cib_scope a, cib_scope b) {
    return static_cast<cib_scope>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool has(cib_scope set, cib_scope bit) {
    return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(bit)) != 0;
}

/// What the cluster tells. Called on the Pacemaker thread; must not block and must not call the
/// shim.
class shim_listener {
public:
    /// Answer to shim_query(): the whole CIB, or empty with the error.
    virtual void cib_full(std::string text, std::error_code error) = 0;
    /// One change: the `<diff format="2">` element.
    virtual void cib_patchset(std::string text, cib_scope scope) = 0;
    /// The CIB manager is gone; sign on again.
    virtual void cib_lost() = 0;
    /// Answer to shim_query_version().
    virtual void remote_version(model::cib_version version, std::error_code error) = 0;
    /// Answer to shim_ping(): the controller's state ("S_IDLE", ...); empty: no answer, ask again
    /// later.
    virtual void controller_state(std::string node, std::string state) = 0;
    /// A node was switched off or reset with success, after shim_watch_fencing().
    virtual void node_fenced(std::string node) = 0;
    /// The fencer is gone; shim_watch_fencing() again.
    virtual void fencer_lost() = 0;

protected:
    ~shim_listener() = default;
};

struct shim;
struct shim_delete {
    void operator()(shim*) const;
};
using shim_ptr = std::unique_ptr<shim, shim_delete>;

using shim_completion = std::function<void(std::error_code)>;

/// Pacemaker's result codes (0 or negative) as an error category.
const std::error_category& pacemaker_category();

/// Initialises the libraries in the calling thread. At most one shim per process, ever on the same
/// thread. `cib_file`: not empty = the CIB is this file and there is no cluster.
shim_ptr shim_open(shim_listener& listener, const std::string& cib_file);

/// Connects to the CIB manager (or the file) and subscribes to changes. Blocks for milliseconds,
/// seconds when the CIB manager is busy.
std::error_code shim_sign_on(shim& self);
/// Ends the connection; cib_lost is not called.
void shim_sign_off(shim& self);

/// Asks for the whole CIB; the answer comes by cib_full, in order with the patchsets.
void shim_query(shim& self);
/// Asks the CIB manager of another node for its version; the answer comes by remote_version.
void shim_query_version(shim& self, const std::string& node);
/// Asks a node's controller for its state; the answer comes by controller_state.
void shim_ping(shim& self, const std::string& node);

/// Connects to the fencer and subscribes to what it has done; nothing to do when it is connected.
/// Blocks for milliseconds.
std::error_code shim_watch_fencing(shim& self);

/// Merges XML into the CIB. `done` is called on the Pacemaker thread.
void shim_modify(shim& self, const std::string& xml, shim_completion done);

/// With a CIB file: runs the scheduler on it and writes the results of its actions back. Blocks for
/// milliseconds.
std::error_code shim_simulate(shim& self);
/// With a CIB file: its whole text, as the library sees it.
std::string shim_read(shim& self, std::error_code& error);

} // namespace bridge::pacemaker
