// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/counts.hpp"
#include "bridge/idlc/cpp_names.hpp"
#include "bridge/idlc/model.hpp"

#include <string>
#include <vector>

/// Emitters of encoding and decoding statements for one value. Generated functions have a writer
/// `w` or a reader `r` and a template parameter `Form`. A structure has an inline part (flat) and
/// the pointees behind it (deferred), C706 14.3; a value on its own (a parameter or a pointee)
/// has its conformance, then both.
namespace bridge::idlc {

class encoder {
public:
    encoder(code& out, const count_scope& scope) : out_(out), scope_(scope) {}

    /// A parameter or return value: an outermost reference pointer leaves nothing on the wire.
    void parameter(const shape& s, const std::string& access);
    void flat(const shape& s, const std::string& access);
    void deferred(const shape& s, const std::string& access);
    /// The count that travels in front of a structure for its last member.
    void conformance(const shape& s, const std::string& access);

private:
    void whole(const shape& s, const std::string& access);
    void elements(const shape& array, const std::string& access);
    void raw_elements(const shape& array, const std::string& access);
    void pointee(const shape& pointer, const std::string& access);
    [[nodiscard]] std::string maximum(const shape& array, const std::string& access) const;

    code& out_;
    const count_scope& scope_;
    unsigned loops_ = 0;
};

class decoder {
public:
    decoder(code& out, const count_scope& scope) : out_(out), scope_(scope) {}

    /// A parameter: its counts are checked by late_checks(), because the fields that they depend on
    /// may follow.
    void parameter(const shape& s, const std::string& access, const std::string& name);
    /// The inline part; checks of arrays inside it are left to late_checks(). `maximum` is the
    /// conformance that was read in front of the structure.
    void flat(const shape& s, const std::string& access, const std::string& maximum = {});
    void deferred(const shape& s, const std::string& access);
    /// Emits the checks that were put off, in order, and forgets them.
    void late_checks();

private:
    void whole(const shape& s, const std::string& access);
    void counted(const shape& array, const std::string& access);
    void elements(const shape& array, const std::string& access, const std::string& maximum,
                  bool later);
    void raw_elements(const shape& array, const std::string& access, const std::string& count);
    void pointer_place(const shape& pointer, const std::string& access);
    void pointee(const shape& pointer, const std::string& access);
    void check(const std::string& condition, const std::string& code, bool later);

    code& out_;
    const count_scope& scope_;
    std::vector<std::string> late_;
    std::string name_;     ///< prefix of the variables for a parameter's counts; empty elsewhere
    bool declared_ = true; ///< these variables exist: their first use may be inside a block
    unsigned loops_ = 0;
};

} // namespace bridge::idlc
