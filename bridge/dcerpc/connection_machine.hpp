// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/dcerpc/association.hpp"
#include "bridge/dcerpc/byte_budget.hpp"
#include "bridge/dcerpc/endpoint_directory.hpp"
#include "bridge/dcerpc/limits.hpp"
#include "bridge/dcerpc/observer.hpp"
#include "bridge/dcerpc/pdu.hpp"
#include "bridge/dcerpc/presentation.hpp"
#include "bridge/dcerpc/service.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace bridge::dcerpc {

/// What the connections of one listener share. Outlives them.
struct connection_environment {
    const limits& bounds;
    std::span<const interface* const> interfaces;
    association_registry& associations;
    memory_budgets& memory;
    auth::acceptor& acceptor;
    observer& watcher;
    traffic& counted;
    bool offer_ndr64 = true;
};

/// Where a connection stands.
enum class connection_state : std::uint8_t {
    unbound,        ///< nothing but a bind is understood
    authenticating, ///< an authentication leg runs; input waits
    ready,          ///< bound
    closing,        ///< input is ignored; ends when the output is sent
};

/// A leg of an authentication exchange to run elsewhere; answer with `auth_completed`.
struct start_auth {
    std::shared_ptr<auth::security_context> context;
    std::vector<std::byte> token;
    auth::mechanism type = auth::mechanism::none;
};

/// A call to run; answer with `call_completed` and the same key. `stub` is valid until the next
/// call of `next`.
struct run_call {
    std::uint32_t key = 0;
    const method* target = nullptr;
    std::shared_ptr<call> context;
    std::span<const std::byte> stub;
    std::shared_ptr<association_group> group; ///< to be held while the call runs
};

/// The client gave the call up; its answer is still expected.
struct cancel_call {
    std::uint32_t key = 0;
};

/// What the driver has to do; monostate: nothing until there is more input.
using connection_action = std::variant<std::monostate, start_auth, run_call, cancel_call>;

/// Server side of one connection-oriented DCE/RPC connection (C706 12, MS-RPCE 3.3) without I/O:
/// takes bytes, finished authentication legs, finished calls and the time; yields actions and bytes
/// to send. Not thread-safe.
///
/// The driver repeats: `feed`, then `next` until monostate, then sends `output` and `consume`s it.
/// It closes the transport when `finished`.
class connection_machine {
public:
    using time_point = std::chrono::steady_clock::time_point;

    connection_machine(const connection_environment& environment, const connection_info& info,
                       time_point now);
    ~connection_machine();
    connection_machine(const connection_machine&) = delete;
    connection_machine& operator=(const connection_machine&) = delete;

    /// Bytes from the peer; they are decrypted in place. Valid until `next` has returned monostate.
    void feed(std::span<std::byte> bytes, time_point now);

    /// The next thing to do; the caller may move out of it. Valid until the next call. Consumes
    /// input.
    connection_action& next();

    /// The leg started by the last start_auth ended.
    void auth_completed(auth::step_result result, time_point now);

    /// The call ended. Takes the stub out of `answer` when it cannot be sent at once; the buffer
    /// may be used again.
    void call_completed(std::uint32_t key, response& answer, time_point now);

    /// Deadlines that passed are acted upon.
    void tick(time_point now);

    /// When `tick` has to be called at the latest; max() when nothing is awaited.
    [[nodiscard]] time_point deadline() const;

    /// Whether more input may be fed: not while a leg runs, the peer does not read, or the end is
    /// near.
    [[nodiscard]] bool wants_input() const;

    /// Whether input was fed that waits for `next`.
    [[nodiscard]] bool input_held() const { return !held_.empty() || !fresh_.empty(); }

    /// Bytes to send now, in order. Seals further fragments when there is room.
    [[nodiscard]] std::span<const std::byte> output();

    /// The first `count` bytes of `output` were sent.
    void consume(std::size_t count, time_point now);

    /// Whether the transport can be closed: the end was reached and the output is sent.
    [[nodiscard]] bool finished() const;

    /// Closes without another word, e.g. because the server stops.
    void abandon(std::string_view why);

    [[nodiscard]] connection_state state() const { return state_; }
    [[nodiscard]] std::string_view close_reason() const { return close_reason_; }
    /// Whether some security context proved an identity.
    [[nodiscard]] bool authenticated() const { return authenticated_; }
    /// Whether the peer waits for this side's acknowledgement rather than for an answer (bind and
    /// authentication).
    [[nodiscard]] bool negotiating() const;
    [[nodiscard]] std::size_t calls_in_progress() const { return active_.size(); }

private:
    static constexpr time_point never = time_point::max();
    /// Buffers above this are freed when they are empty: an idle connection stays small.
    static constexpr std::size_t kept_capacity = 2048;
    static void release(std::vector<std::byte>& buffer);

    enum class security_state : std::uint8_t { in_progress, ready, invalid };
    struct security_entry {
        std::uint32_t id = 0;
        std::uint8_t type = 0;
        auth::protection_level level = auth::protection_level::unset;
        security_state state = security_state::in_progress;
        std::size_t legs = 0;
        std::shared_ptr<auth::security_context> context;
        std::shared_ptr<const auth::identity> caller;

        [[nodiscard]] bool protects() const { return level >= auth::protection_level::packet; }
    };
    /// The PDU that a running leg belongs to, and what is to be answered once it ends.
    struct exchange {
        pdu_type type = pdu_type::bind;
        std::uint32_t call_id = 0;
        std::uint8_t answer_flags = 0;
        std::vector<context_result> results;
        security_entry* security = nullptr;
    };
    struct active_call {
        std::uint32_t key = 0;
        std::uint32_t call_id = 0;
        std::uint16_t context_id = 0;
        security_entry* security = nullptr;
        bool orphaned = false;
        std::shared_ptr<call> context;
        byte_share held; ///< its request, which the method may keep
    };
    /// A request as its first fragment described it.
    struct request {
        std::uint32_t call_id = 0;
        std::uint16_t context_id = 0;
        std::uint16_t opnum = 0;
        bool big_endian = false;
        std::optional<win32::guid> object;
        presentation via;
        security_entry* security = nullptr;
        fault refusal = fault::none;
    };
    [[nodiscard]] time_point idle_deadline() const;

    struct fragmented_request {
        request head;
        byte_share held;
        std::vector<std::byte> stub;
    };
    /// A response, or ready bytes, behind which later answers wait.
    struct outgoing {
        std::vector<std::byte> bytes;
        byte_share held;
        std::size_t sent = 0;
        bool is_response = false;
        std::uint32_t call_id = 0;
        std::uint16_t context_id = 0;
        security_entry* security = nullptr;
    };

    // Input (connection_machine.cpp)
    std::span<std::byte> take_pdu(pdu_header& header);
    bool header_acceptable(const pdu_header& header, header_error error);
    void handle_pdu(std::span<std::byte> pdu, const pdu_header& header);
    void hold_input();
    void fail_protocol(std::uint32_t call_id, std::uint8_t extra_flags);
    void close_after_output(std::string_view why);
    void on_client_gave_up(std::uint32_t call_id, bool orphaned);

    // Bind, alter_context, auth3 (connection_bind.cpp)
    void on_bind(std::span<std::byte> pdu, const pdu_header& header);
    void on_alter(std::span<std::byte> pdu, const pdu_header& header);
    void on_auth3(std::span<std::byte> pdu, const pdu_header& header);
    void reject_bind(std::uint32_t call_id, reject_reason reason, std::string_view why);
    std::optional<reject_reason> bind_security(const security_trailer& trailer);
    fault alter_security(const security_trailer& trailer, security_entry*& entry);
    security_entry* add_security(const security_trailer& trailer,
                                 std::unique_ptr<auth::security_context> context);
    void answer_exchange(const exchange& done, std::span<const std::byte> token);
    void start_leg(security_entry& entry, std::span<const std::byte> token);
    void leg_refused(std::string_view why);
    void leg_done(auth::step_result& result);

    // Requests (connection_request.cpp)
    void on_request(std::span<std::byte> pdu, const pdu_header& header);
    void on_further_fragment(std::span<std::byte> pdu, const pdu_header& header,
                             const request_head& head);
    void on_first_fragment(std::span<std::byte> pdu, const pdu_header& header,
                           const request_head& head);
    bool select_security(const pdu_header& header, const request_head& head,
                         const std::optional<security_trailer>& trailer, bool known_context,
                         security_entry*& entry);
    bool unprotect(security_entry& entry, std::span<std::byte> pdu, std::size_t stub_offset,
                   const security_trailer& trailer);
    bool append_fragment(std::span<const std::byte> stub);
    [[nodiscard]] fault admission(const request& r) const;
    void dispatch(const request& r, std::span<const std::byte> stub, byte_share held);
    void start_call(const request& r, std::span<const std::byte> stub, byte_share held);
    std::shared_ptr<call> make_call(const request& r);
    void drop_reassembly();
    security_entry* find_security(std::uint32_t id) const;

    // Output (connection_output.cpp)
    void send_fault(std::uint32_t call_id, std::uint16_t context_id, fault status,
                    std::uint8_t extra_flags);
    void fault_and_close(std::uint32_t call_id, std::uint16_t context_id, fault status,
                         std::uint8_t extra_flags, std::string_view why);
    void send_raw(std::vector<std::byte>& pdu);
    void send_response(const active_call& done, response& answer);
    [[nodiscard]] bool answer_fits(outgoing& item, std::size_t size);
    bool write_fragment(outgoing& item, std::span<const std::byte> stub);
    [[nodiscard]] std::size_t chunk_size(const security_entry* security) const;
    void pump();

    const connection_environment& environment_;
    const connection_info& info_;
    connection_state state_ = connection_state::unbound;
    std::string_view close_reason_;

    std::span<std::byte> fresh_;     // input not looked at
    std::vector<std::byte> partial_; // a PDU in pieces
    std::vector<std::byte> held_;    // input that waits for a leg or for the peer to read
    std::vector<std::byte> resumed_; // held input that `fresh_` points into
    bool partial_taken_ = false;

    std::uint16_t fragment_size_ = 0;
    bool header_signing_ = false;
    bool multiplexing_ = false;
    bool authenticated_ = false;
    std::shared_ptr<association_group> group_;
    presentation_table presentations_;
    std::vector<std::unique_ptr<security_entry>> security_;
    security_entry* bind_security_ = nullptr; // what a request without trailer runs under
    std::optional<exchange> exchange_;

    std::optional<fragmented_request> fragments_;
    std::vector<std::byte> delivered_stub_; // of the reassembled call that `next` returned
    std::vector<active_call> active_;
    std::shared_ptr<call> spare_call_;
    std::uint32_t last_key_ = 0;
    std::vector<connection_action> actions_; // few: one, and cancellations
    connection_action action_;               // that `next` returned

    std::vector<std::byte> out_;
    std::size_t out_sent_ = 0;
    std::list<outgoing> queue_;
    std::vector<std::byte> scratch_;

    time_point now_;
    time_point exchange_deadline_;
    time_point pdu_deadline_;
    time_point call_deadline_; // of the call in fragments
    time_point write_deadline_;
    time_point idle_since_; // the end of the last exchange or call
};

} // namespace bridge::dcerpc
