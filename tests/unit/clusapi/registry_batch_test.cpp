// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/registry_fixture.hpp"

#include "bridge/clusapi/batch_update.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

namespace {

batch_command one(batch_verb verb, std::string_view name, std::string_view text = {}) {
    batch_command out;
    out.verb = verb;
    out.name = w(name);
    if (verb == batch_verb::set_value) {
        out.type = 1;
        out.data = encode_text(text);
    }
    return out;
}

std::vector<std::byte> raw(std::initializer_list<int> octets) {
    std::vector<std::byte> out;
    for (const int octet : octets)
        out.push_back(static_cast<std::byte>(octet));
    return out;
}

} // namespace

TEST(BatchUpdate, IsLaidOutAsTheSpecificationSays) {
    batch_command odd;
    odd.verb = batch_verb::set_value;
    odd.type = 3;
    odd.name = u"a";
    odd.data = raw({9});
    const auto bytes = raw({1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 0, 0, 1, 0,
                            0, 0, 9, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0,   0, 0, 0, 0, 0});
    const std::vector<batch_command> commands{odd, one(batch_verb::create_key, "")};
    EXPECT_EQ(encode_batch_update(commands), bytes);
    EXPECT_EQ(parse_batch(bytes), commands);
}

TEST(BatchUpdate, EndsWhereItsLengthsSay) {
    const std::vector<batch_command> commands{one(batch_verb::create_key, "k"),
                                              one(batch_verb::set_value, "v", "x")};
    const auto bytes = encode_batch_update(commands);
    const std::size_t first = encode_batch_update(std::span(commands).first(1)).size();
    for (std::size_t i = 0; i < bytes.size(); ++i)
        EXPECT_EQ(parse_batch(std::span(bytes).first(i)).has_value(), i == first) << i;
    // The last padding may be missing.
    EXPECT_TRUE(
        parse_batch(raw({1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9})));
    EXPECT_FALSE(
        parse_batch(raw({2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
    for (const int length : {0, 1, 3})
        EXPECT_FALSE(parse_batch(raw(
            {1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
    EXPECT_FALSE(parse_batch(encode_batch_update(
        std::vector<batch_command>(max_batch_commands + 1, one(batch_verb::create_key, "")))));
}

class batch_suite : public registry_suite {
protected:
    wire::ApiExecuteBatch_out run(const ndr::context_handle& key, std::vector<std::byte> bytes) {
        wire::ApiExecuteBatch_in in;
        in.hKey = key;
        in.cbData = static_cast<std::uint32_t>(bytes.size());
        in.lpData = std::move(bytes);
        return client.ask<wire::ApiExecuteBatch>(in);
    }
    wire::ApiExecuteBatch_out run(const ndr::context_handle& key,
                                  const std::vector<batch_command>& commands) {
        return run(key, encode_batch_update(commands));
    }
    win32::win32_error read(const ndr::context_handle& key, const std::vector<batch_command>& what,
                            std::vector<batch_command>& answers) {
        wire::ApiExecuteReadBatch_in in;
        in.hKey = key;
        in.lpInData = encode_batch_update(what);
        in.cbInData = static_cast<std::uint32_t>(in.lpInData.size());
        const auto out = client.ask<wire::ApiExecuteReadBatch>(in);
        if (code(out.result) == ERROR_SUCCESS)
            answers = parse_batch(out.lpOutData.value()).value();
        return code(out.result);
    }
    /// The code and the number of the failed command.
    static std::pair<win32::win32_error, int> failed(const wire::ApiExecuteBatch_out& out) {
        return {code(out.result), out.pdwFailedCommand};
    }
};

using RegistryBatch = batch_suite;
INSTANTIATE_TEST_SUITE_P(Syntaxes, RegistryBatch,
                         ::testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64));

TEST_P(RegistryBatch, CarriesOutCommandsRelativeToTheCurrentKey) {
    const auto key = create("base").result;
    const auto out =
        run(key, {one(batch_verb::set_value, "v", "0"), one(batch_verb::create_key, "a\\b"),
                  one(batch_verb::set_value, "v", "1"), one(batch_verb::create_key, "c"),
                  one(batch_verb::set_value, "", "2"), one(batch_verb::delete_value, "nothing")});
    EXPECT_EQ(failed(out), std::pair(ERROR_SUCCESS, -1));
    EXPECT_EQ(text(key, "v"), "0");
    EXPECT_EQ(text(open("base\\a\\b"), "v"), "1");
    EXPECT_EQ(text(open("base\\a\\b\\c"), ""), "2");
    EXPECT_EQ(client.store.batches.back().commands.size(), 1U + 5U + 1U);
}

TEST_P(RegistryBatch, DeletingClearsTheCurrentKey) {
    const auto key = create("base").result;
    create("base\\a\\b");
    EXPECT_EQ(
        failed(run(key, {one(batch_verb::delete_key, "a"), one(batch_verb::set_value, "v", "x")})),
        std::pair(ERROR_INVALID_PARAMETER, 2));
    EXPECT_EQ(opening("base\\a\\b"), ERROR_SUCCESS);
    EXPECT_EQ(
        failed(run(key, {one(batch_verb::delete_key, "a"), one(batch_verb::delete_value, "v")})),
        std::pair(ERROR_INVALID_PARAMETER, 2));
    EXPECT_EQ(failed(run(key, {one(batch_verb::delete_key, "a"), one(batch_verb::create_key, "a"),
                               one(batch_verb::set_value, "v", "x")})),
              std::pair(ERROR_SUCCESS, -1));
    EXPECT_EQ(opening("base\\a\\b"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(text(open("base\\a"), "v"), "x");
    EXPECT_EQ(failed(run(key, {one(batch_verb::delete_key, "missing")})),
              std::pair(ERROR_SUCCESS, -1));
}

TEST_P(RegistryBatch, DoesAllOrNothing) {
    const auto key = create("base").result;
    EXPECT_EQ(
        failed(run(key, {one(batch_verb::create_key, "a"), one(batch_verb::set_value, "v", "x"),
                         one(batch_verb::set_value, std::string(16384, 'v'), "x")})),
        std::pair(ERROR_INVALID_PARAMETER, 3));
    EXPECT_EQ(opening("base\\a"), ERROR_FILE_NOT_FOUND);
    auto typed = one(batch_verb::set_value, "v", "x");
    for (const std::uint32_t type : {0U, 5U, 99U}) {
        typed.type = type;
        EXPECT_EQ(failed(run(key, {typed})), std::pair(ERROR_INVALID_PARAMETER, 1));
    }
    for (const std::uint32_t verb : {0U, 5U, 6U, 7U, 8U, 9U, 10U, 0xFFFFFFFFU})
        EXPECT_EQ(failed(run(key, {one(static_cast<batch_verb>(verb), "a")})),
                  std::pair(ERROR_INVALID_PARAMETER, 1));
    EXPECT_EQ(failed(run(key, {one(batch_verb::create_key, "\\a")})),
              std::pair(ERROR_BAD_PATHNAME, 1));
    EXPECT_EQ(failed(run(key, raw({1, 0, 0, 0}))), std::pair(ERROR_INVALID_PARAMETER, -1));
    EXPECT_EQ(failed(run(key, raw({}))), std::pair(ERROR_INVALID_PARAMETER, -1));
}

TEST_P(RegistryBatch, NumbersTheClientsCommandsWhateverIsAdded) {
    // The counterpart of the object's key is made first: the store's numbers differ.
    const auto key = open(parameters_of(ip_id));
    EXPECT_EQ(failed(run(key, {one(batch_verb::set_value, "v", "x"),
                               one(batch_verb::set_value, std::string(16384, 'v'), "x")})),
              std::pair(ERROR_INVALID_PARAMETER, 2));
    EXPECT_EQ(failed(run(key, {one(batch_verb::set_value, "v", "x"),
                               one(batch_verb::set_value, "Address", "x")})),
              std::pair(ERROR_CALL_NOT_IMPLEMENTED, 2));
    EXPECT_EQ(failed(run(key, {one(batch_verb::set_value, "v", "x")})),
              std::pair(ERROR_SUCCESS, -1));
    EXPECT_EQ(text(key, "v"), "x");
}

TEST_P(RegistryBatch, CannotDeleteAnObjectsKey) {
    EXPECT_EQ(failed(run(client.root_key(), {one(batch_verb::delete_key, "Resources")})),
              std::pair(ERROR_ACCESS_DENIED, 1));
    EXPECT_EQ(failed(run(client.root_key(), {one(batch_verb::delete_key, "")})),
              std::pair(ERROR_INVALID_PARAMETER, 1));
}

TEST_P(RegistryBatch, NeedsTheRightsOfEachKey) {
    create("base\\a");
    const auto read_only = open("base", rights::key_read);
    EXPECT_EQ(failed(run(read_only, {one(batch_verb::set_value, "v", "x")})),
              std::pair(ERROR_ACCESS_DENIED, 1));
    EXPECT_EQ(failed(run(read_only, {one(batch_verb::create_key, "new")})),
              std::pair(ERROR_ACCESS_DENIED, 1));
    EXPECT_EQ(failed(run(read_only,
                         {one(batch_verb::create_key, "a"), one(batch_verb::set_value, "v", "x")})),
              std::pair(ERROR_SUCCESS, -1));
    model::registry_command shut;
    shut.verb = model::registry_verb::set_descriptor;
    shut.path = "base\\a\\deep";
    win32::security_descriptor nobody;
    nobody.owner = win32::sid{5, {18}};
    nobody.set_dacl({});
    shut.descriptors = {
        std::make_shared<const std::vector<std::byte>>(*win32::encode_security_descriptor(nobody))};
    client.store.make("base\\a\\deep");
    client.store.change({shut});
    const auto key = open("base");
    EXPECT_EQ(failed(run(key, {one(batch_verb::create_key, "a\\deep"),
                               one(batch_verb::set_value, "v", "x")})),
              std::pair(ERROR_ACCESS_DENIED, 2));
    EXPECT_EQ(failed(run(key, {one(batch_verb::delete_key, "a")})),
              std::pair(ERROR_ACCESS_DENIED, 1));
    client.caller = reader();
    EXPECT_EQ(code(run(key, {one(batch_verb::set_value, "v", "x")}).result), ERROR_ACCESS_DENIED);
}

TEST_P(RegistryBatch, ToAKeyThatIsGoneIsRefused) {
    const auto key = create("base").result;
    client.store.while_writing = [this] {
        model::registry_command gone;
        gone.verb = model::registry_verb::delete_key;
        gone.path = "base";
        client.store.change({gone});
    };
    EXPECT_EQ(failed(run(key, {one(batch_verb::create_key, "a")})),
              std::pair(ERROR_KEY_DELETED, -1));
    EXPECT_EQ(client.store.tree().find("base"), nullptr);
    client.store.write_refusal = model::registry_errc::busy;
    EXPECT_EQ(failed(run(client.root_key(), {one(batch_verb::create_key, "a")})),
              std::pair(ERROR_BUSY, -1));
}

TEST_P(RegistryBatch, ReadsManyValuesAtOnce) {
    client.store.set("a", "v", model::registry_type::dword, encode_u32(7));
    client.store.set("a\\b", "", model::registry_type::sz, encode_text("deep"));
    std::vector<batch_command> answers;
    ASSERT_EQ(read(open("a"),
                   {one(batch_verb::read_value, "V"), one(batch_verb::read_value, "w"),
                    one(batch_verb::read_key, "B"), one(batch_verb::read_value, ""),
                    one(batch_verb::read_key, "missing"), one(batch_verb::read_value, "")},
                   answers),
              ERROR_SUCCESS);
    ASSERT_EQ(answers.size(), 6U);
    EXPECT_EQ(answers[0].verb, batch_verb::read_value);
    EXPECT_EQ(answers[0].type, 4U);
    EXPECT_EQ(answers[0].data, encode_u32(7));
    EXPECT_EQ(answers[0].name, u"V");
    EXPECT_EQ(answers[1].verb, batch_verb::read_error);
    EXPECT_EQ(code(answers[1].type), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(answers[2], one(batch_verb::read_key, "B"));
    EXPECT_EQ(answers[3].data, encode_text("deep"));
    EXPECT_EQ(answers[4].verb, batch_verb::read_key);
    EXPECT_EQ(code(answers[5].type), ERROR_FILE_NOT_FOUND);
}

TEST_P(RegistryBatch, ReadingBelowWhatIsNoPathFindsNothing) {
    std::vector<batch_command> answers;
    ASSERT_EQ(read(client.root_key(),
                   {one(batch_verb::read_key, std::string(256, 'k')),
                    one(batch_verb::read_value, "ClusterName"), one(batch_verb::read_key, "Nodes"),
                    one(batch_verb::read_value, "")},
                   answers),
              ERROR_SUCCESS);
    EXPECT_EQ(code(answers[1].type), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(answers[3].verb, batch_verb::read_error);
}

TEST_P(RegistryBatch, ReadingNeedsTheRightToQuery) {
    client.store.set("a", "v", model::registry_type::dword, encode_u32(7));
    std::vector<batch_command> answers;
    const auto key = open("a", rights::key_enumerate_sub_keys);
    ASSERT_EQ(read(key, {one(batch_verb::read_value, "v")}, answers), ERROR_SUCCESS);
    EXPECT_EQ(answers[0].verb, batch_verb::read_error);
    EXPECT_EQ(code(answers[0].type), ERROR_ACCESS_DENIED);
    EXPECT_EQ(read(key, {one(batch_verb::set_value, "v")}, answers), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(read(key, {}, answers), ERROR_INVALID_PARAMETER);
    client.caller = reader();
    ASSERT_EQ(read(open("a", rights::key_read), {one(batch_verb::read_value, "v")}, answers),
              ERROR_SUCCESS);
    EXPECT_EQ(answers[0].verb, batch_verb::read_value);
}

TEST_P(RegistryBatch, ReadingEndsAtItsLimit) {
    client.store.set("a", "v", model::registry_type::binary, std::vector<std::byte>(512U << 10));
    std::vector<batch_command> answers;
    const std::vector<batch_command> many(17, one(batch_verb::read_value, "v"));
    EXPECT_EQ(read(open("a"), many, answers), ERROR_NOT_ENOUGH_MEMORY);
    ASSERT_EQ(read(open("a"), {many.begin(), many.begin() + 15}, answers), ERROR_SUCCESS);
    EXPECT_EQ(answers.size(), 15U);
}

} // namespace bridge::clusapi::test
