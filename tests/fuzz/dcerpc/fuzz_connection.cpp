// SPDX-License-Identifier: Apache-2.0
// Drives connection machines through sequences of steps that the input spells out: PDUs with chosen
// fields, raw bytes, legs and calls that end in any order, time, a peer that reads slowly. Whatever
// comes out must be well-formed PDUs, and nothing may be held when all connections are gone.
#include "bridge/dcerpc/connection_machine.hpp"
#include "tests/unit/dcerpc/client_pdus.hpp"

#include <array>
#include <cstdlib>
#include <deque>
#include <memory>

namespace {

using namespace bridge;
using namespace dcerpc;
using test::bytes;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

/// The input as a sequence of choices; zeros when it ends.
class choices {
public:
    explicit choices(std::span<const std::byte> data) : data_(data) {}
    [[nodiscard]] bool more() const { return !data_.empty(); }
    std::uint8_t octet() {
        if (data_.empty()) {
            return 0;
        }
        const auto value = std::to_integer<std::uint8_t>(data_.front());
        data_ = data_.subspan(1);
        return value;
    }
    std::uint16_t word() { return static_cast<std::uint16_t>(octet() | (octet() << 8U)); }
    bytes some(std::size_t most) {
        const auto count = std::min<std::size_t>({octet(), most, data_.size()});
        bytes out(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(count));
        data_ = data_.subspan(count);
        return out;
    }

private:
    std::span<const std::byte> data_;
};

/// Accepts a token by its first octet, so that the input reaches every outcome.
class yielding_context final : public auth::security_context {
public:
    auth::step_result step(std::span<const std::byte> token) override {
        const auto first = token.empty() ? 0U : std::to_integer<unsigned>(token.front());
        const bytes answer(first % 5, std::byte{1});
        constexpr std::array outcomes{auth::step_result::outcome::done,
                                      auth::step_result::outcome::more,
                                      auth::step_result::outcome::refused};
        return {outcomes[first % outcomes.size()], answer, {}};
    }
    [[nodiscard]] std::size_t token_size(auth::protection_level level) const override {
        return level == auth::protection_level::call ? 0 : 12;
    }
    bool protect(const auth::protected_pdu& m) override { return fits(m) && ++sent_ % 251 != 0; }
    bool unprotect(const auth::protected_pdu& m) override {
        return fits(m) && ++received_ % 13 != 0;
    }
    [[nodiscard]] const auth::identity& who() const override { return who_; }

private:
    static bool fits(const auth::protected_pdu& m) {
        require(m.body_offset + m.body_length + m.trailer_size <= m.pdu.size());
        for (auto& octet : m.pdu.subspan(m.body_offset, m.body_length)) {
            octet ^= std::byte{0}; // touches every byte under the sanitizer
        }
        return true;
    }
    auth::identity who_{"fuzz", "", auth::mechanism::ntlm, {}};
    unsigned sent_ = 0;
    unsigned received_ = 0;
};
struct yielding_acceptor final : auth::acceptor {
    std::unique_ptr<auth::security_context> accept(auth::mechanism type) override {
        return type == auth::mechanism::kerberos ? nullptr : std::make_unique<yielding_context>();
    }
};

constexpr std::array<syntax_id, 4> syntaxes{
    {{{1, 2, 3, {}}, 1, 0}, {{2, 2, 3, {}}, 3, 0}, ndr_syntax, ndr64_syntax}};
constexpr std::array<method, 3> methods{
    {{"now", immediate_method{nullptr}}, {"none", {}}, {"later", suspended_method{nullptr}}}};

struct shared_parts {
    shared_parts() {
        bounds.reassembly_call = 4096;
        bounds.reassembly_process = 16384;
        bounds.answers_connection = 40000;
        bounds.answers_process = 100000;
        bounds.waiting_calls = 4;
        bounds.security_contexts = 3;
        bounds.presentation_contexts = 3;
        bounds.output_backlog = 8192;
        bounds.idle_time = std::chrono::seconds(60);
    }
    limits bounds;
    interface open {
        syntaxes[0], "open", "", auth::protection_level::none, methods, nullptr
    };
    interface sealed {
        syntaxes[1], "sealed", "", auth::protection_level::privacy, methods, nullptr
    };
    std::array<const interface*, 2> offered{&open, &sealed};
    association_registry associations{bounds};
    memory_budgets memory{bounds};
    yielding_acceptor acceptor;
    observer watcher;
    traffic counted;
    connection_info info{1, "peer:1", "peer", "local", 135};
    connection_environment environment{bounds,   offered, associations, memory,
                                       acceptor, watcher, counted,      true};
};

class connection_under_test {
public:
    explicit connection_under_test(shared_parts& parts)
        : machine_(parts.environment, parts.info, now_) {}

    void step(choices& in) {
        switch (in.octet() % 8) {
        case 0:
            feed(bind_like(in, pdu_type::bind), in);
            break;
        case 1:
            feed(bind_like(in, pdu_type::alter_context), in);
            break;
        case 2:
            feed(test::make_auth3(in.octet(), trailer(in)), in);
            break;
        case 3:
        case 4:
            feed(request(in), in);
            break;
        case 5:
            feed(test::make_plain(static_cast<pdu_type>(in.octet() % 24), in.octet() % 8), in);
            break;
        case 6:
            feed(in.some(64), in);
            break;
        default:
            other(in);
            break;
        }
        perform();
        require(machine_.calls_in_progress() <= 4);
    }

    void end() {
        machine_.abandon("end");
        perform();
        require(machine_.finished());
    }

private:
    answer_trailer trailer(choices& in) {
        token_ = in.some(20);
        return {static_cast<std::uint8_t>(in.octet() % 18),
                static_cast<std::uint8_t>(in.octet() % 8), in.octet() % 4U, token_};
    }
    bytes bind_like(choices& in, pdu_type type) {
        test::bind_options o;
        o.type = type;
        o.call_id = in.octet();
        o.flags = in.octet();
        o.transmit = in.word();
        o.receive = in.word();
        o.association = in.octet() % 2 == 0 ? 0 : in.octet();
        for (auto left = in.octet() % 4; left > 0; --left) {
            context_item item{
                static_cast<std::uint16_t>(in.octet() % 4), syntaxes[in.octet() % 4], {}};
            for (auto transfers = in.octet() % 3; transfers > 0; --transfers) {
                item.transfers.push_back(syntaxes[in.octet() % 4]);
            }
            o.contexts.push_back(std::move(item));
        }
        if (in.octet() % 2 == 0) {
            o.trailer = trailer(in);
        }
        o.big_endian = in.octet() % 4 == 0;
        return test::make_bind(o);
    }
    bytes request(choices& in) {
        test::request_options o;
        o.call_id = in.octet() % 8;
        o.flags = in.octet();
        o.context_id = in.octet() % 5;
        o.opnum = in.octet() % 4;
        o.alloc_hint = in.word();
        o.stub = in.some(255);
        o.stub.resize(o.stub.size() * (in.octet() % 8));
        if ((o.flags & pfc::object_uuid) != 0) {
            o.object = win32::guid{};
        }
        if (in.octet() % 2 == 0) {
            o.stub.resize((o.stub.size() + 3) & ~std::size_t{3});
            o.trailer = trailer(in);
            o.pad = in.octet() % 20;
        }
        return test::make_request(o);
    }
    void feed(bytes pdu, choices& in) {
        if (!pdu.empty() && in.octet() % 8 == 0) {
            pdu[in.octet() % pdu.size()] ^= std::byte{in.octet()};
        }
        if (!machine_.wants_input()) {
            return;
        }
        const std::size_t cut = in.octet() % 4 == 0 ? in.octet() % (pdu.size() + 1) : pdu.size();
        const auto first = static_cast<std::ptrdiff_t>(cut);
        for (bytes part :
             {bytes(pdu.begin(), pdu.begin() + first), bytes(pdu.begin() + first, pdu.end())}) {
            buffers_.push_back(std::move(part));
            machine_.feed(buffers_.back(), now_);
            perform();
        }
        buffers_.clear();
    }
    void other(choices& in) {
        switch (in.octet() % 4) {
        case 0:
            complete(in);
            break;
        case 1:
            now_ += std::chrono::seconds(in.octet());
            machine_.tick(now_);
            break;
        case 2:
            if (leg_) {
                const auto leg = std::move(*leg_);
                leg_.reset();
                machine_.auth_completed(leg.context->step(leg.token), now_);
            }
            break;
        default:
            read(in.octet() * 64U);
            break;
        }
    }
    void complete(choices& in) {
        if (waiting_.empty()) {
            return;
        }
        const auto index = in.octet() % waiting_.size();
        const auto key = waiting_[index];
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
        response answer;
        answer.stub.resize(in.word());
        answer.status = in.octet() % 4 == 0 ? fault::cancelled : fault::none;
        machine_.call_completed(key, answer, now_);
    }
    void perform() {
        for (int turns = 0;; ++turns) {
            require(turns < 1000);
            auto& action = machine_.next();
            if (auto* leg = std::get_if<start_auth>(&action)) {
                require(!leg_);
                leg_ = std::move(*leg);
            } else if (auto* what = std::get_if<run_call>(&action)) {
                run(*what);
            } else if (!std::holds_alternative<cancel_call>(action)) {
                break;
            }
        }
        if (machine_.state() == connection_state::closing) {
            leg_.reset();
        }
    }
    void run(run_call& what) {
        if (std::holds_alternative<suspended_method>(what.target->run)) {
            waiting_.push_back(what.key);
            return;
        }
        response answer;
        answer.stub.assign(what.stub.begin(), what.stub.end());
        const auto key = what.key;
        what.context->close_after_response = what.stub.size() % 97 == 96;
        what.context.reset();
        machine_.call_completed(key, answer, now_);
    }
    /// The peer takes at most so many bytes; they must continue a stream of PDUs.
    void read(std::size_t most) {
        while (most > 0) {
            const auto out = machine_.output();
            if (out.empty()) {
                return;
            }
            const auto count = std::min(most, out.size());
            sent_.insert(sent_.end(), out.begin(),
                         out.begin() + static_cast<std::ptrdiff_t>(count));
            machine_.consume(count, now_);
            most -= count;
        }
        while (sent_.size() >= header_size) {
            header_error error{};
            const auto header = read_header(sent_, error);
            require(error == header_error::none);
            if (header.fragment_length > sent_.size()) {
                return;
            }
            sent_.erase(sent_.begin(), sent_.begin() + header.fragment_length);
        }
    }

    connection_machine::time_point now_{};
    connection_machine machine_;
    std::deque<bytes> buffers_;
    bytes token_;
    bytes sent_;
    std::optional<start_auth> leg_;
    std::vector<std::uint32_t> waiting_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    choices in(std::as_bytes(std::span(data, size)));
    shared_parts parts;
    {
        std::array<std::unique_ptr<connection_under_test>, 2> pair;
        for (auto& c : pair) {
            c = std::make_unique<connection_under_test>(parts);
        }
        for (int steps = 0; in.more() && steps < 200; ++steps) {
            pair[in.octet() % 2]->step(in);
        }
        for (const auto& c : pair) {
            c->end();
        }
    }
    require(parts.memory.requests.used() == 0 && parts.memory.answers.used() == 0);
    require(parts.associations.size() == 0);
    return 0;
}
