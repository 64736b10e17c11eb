// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"
#include "bridge/ports/marked_cib.hpp"
#include "bridge/ports/registry.hpp"
#include "bridge/registry/intent.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

/// Writes that change the CIB and the registry together: both or none, whoever crashes when.
///
/// 1. An intent is committed to the registry: the CIB's change, the batch, the mark expected in the
///    CIB and the one to set. It is refused unless no other intent is pending and the batch would
///    apply. While it is pending every other batch waits (tree_state), so the batch goes on to
///    apply.
/// 2. The CIB's change is made against the expected mark.
/// 3. The batch is committed together with the removal of the intent; when the CIB refused, the
///    removal alone.
///
/// When the daemon that does this is lost, another one settles it: it changes the expected mark to
/// one that says "given up". Either that succeeds, then the first change can never be applied any
/// more, or the mark is the intent's, then the change was made and step 3 follows.
namespace bridge::registry {

enum class spanning_errc : std::uint8_t {
    none,
    cib_refused,
    registry_refused, ///< `outcome` says why
    undecided,        ///< it is pending: whoever lives settles it
};

struct spanning_result {
    spanning_errc code = spanning_errc::none;
    model::registry_outcome outcome;
};

/// Carries out such writes and settles those of daemons that are gone.
class spanning_writer {
public:
    /// `self` names this daemon for ever (an incarnation), without blanks.
    spanning_writer(ports::registry& store, ports::marked_cib& cib, std::string self);

    /// Another intent is pending: registry_refused with busy; try again after it.
    boost::asio::awaitable<spanning_result> write(std::string xml, model::registry_batch batch);

    /// Settles the pending intent, whose executor is gone for certain or has given up. False: the
    /// CIB or the registry did not answer, try again. True when there is none.
    boost::asio::awaitable<bool> settle();

private:
    boost::asio::awaitable<spanning_result> finish(intent what, bool applied);

    ports::registry& store_;
    ports::marked_cib& cib_;
    std::string self_;
    std::uint64_t last_ = 0;
};

} // namespace bridge::registry
