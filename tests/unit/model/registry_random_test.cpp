// SPDX-License-Identifier: Apache-2.0
// The tree next to a model that anybody can see is right: a map from folded paths.
#include "tests/unit/model/registry_fixture.hpp"

#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/win32/upcase.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace bridge::model::test {

namespace {

struct naive_key {
    std::string path;
    std::uint64_t time = 0;
    std::vector<std::byte> descriptor;
    std::map<std::string, registry_value> values;
};

std::string above(const std::string& path) {
    const auto end = path.rfind('\\');
    return end == path.npos ? std::string{} : path.substr(0, end);
}

/// Batches are tried on a copy.
struct naive_registry {
    std::map<std::string, naive_key> keys{{"", {}}};

    naive_key* find(const std::string& path) {
        const auto found = keys.find(win32::fold(path));
        return found == keys.end() ? nullptr : &found->second;
    }

    bool has_subkeys(const std::string& path) {
        const std::string below = win32::fold(path) + "\\";
        return std::any_of(keys.begin(), keys.end(),
                           [&](const auto& k) { return k.first.starts_with(below); });
    }

    void touch(const std::string& path, std::uint64_t time) {
        naive_key& key = *find(path);
        key.time = std::max(key.time, time);
    }

    void create(const registry_command& c, std::uint64_t time) {
        if (naive_key* key = find(c.path)) {
            if (c.replace_descriptor && !c.descriptors.empty())
                key->descriptor = *c.descriptors.back();
            return;
        }
        auto upper = c;
        upper.path = above(c.path);
        upper.replace_descriptor = false;
        if (upper.descriptors.size() > 1)
            upper.descriptors.pop_back();
        create(upper, time);
        naive_key made;
        const std::string& upper_path = find(above(c.path))->path;
        made.path = (upper_path.empty() ? "" : upper_path + "\\") +
                    c.path.substr(above(c.path).empty() ? 0 : above(c.path).size() + 1);
        made.time = time;
        if (!c.descriptors.empty())
            made.descriptor = *c.descriptors.back();
        keys[win32::fold(c.path)] = made;
        touch(above(c.path), time);
    }

    registry_errc erase(const registry_command& c, std::uint64_t time) {
        if (c.path.empty())
            return registry_errc::invalid;
        if (!find(c.path))
            return c.must_exist ? registry_errc::key_not_found : registry_errc::none;
        if (has_subkeys(c.path) && !c.subtree)
            return registry_errc::has_subkeys;
        const std::string folded = win32::fold(c.path);
        std::erase_if(keys, [&](const auto& k) {
            return k.first == folded || k.first.starts_with(folded + "\\");
        });
        touch(above(c.path), time);
        return registry_errc::none;
    }

    registry_errc set(const registry_command& c, std::uint64_t time) {
        naive_key* key = find(c.path);
        if (!key)
            return registry_errc::key_not_found;
        const auto [at, fresh] =
            key->values.try_emplace(win32::fold(c.name), registry_value{c.name, c.type, c.data});
        if (!fresh && at->second.type == c.type && at->second.data == c.data)
            return registry_errc::none;
        at->second.type = c.type;
        at->second.data = c.data;
        touch(c.path, time);
        return registry_errc::none;
    }

    registry_errc unset(const registry_command& c, std::uint64_t time) {
        naive_key* key = find(c.path);
        if (!key)
            return c.must_exist ? registry_errc::key_not_found : registry_errc::none;
        if (key->values.erase(win32::fold(c.name)) == 0)
            return c.must_exist ? registry_errc::value_not_found : registry_errc::none;
        touch(c.path, time);
        return registry_errc::none;
    }

    registry_errc secure(const registry_command& c) {
        naive_key* key = find(c.path);
        if (!key)
            return registry_errc::key_not_found;
        key->descriptor = c.descriptors.front() ? *c.descriptors.front() : std::vector<std::byte>{};
        return registry_errc::none;
    }

    registry_errc apply(const registry_command& c, std::uint64_t time) {
        switch (c.verb) {
        case registry_verb::create_key:
            create(c, time);
            return registry_errc::none;
        case registry_verb::delete_key:
            return erase(c, time);
        case registry_verb::set_value:
            return set(c, time);
        case registry_verb::delete_value:
            return unset(c, time);
        case registry_verb::set_descriptor:
            return secure(c);
        default:
            return find(c.path) ? registry_errc::none : registry_errc::guard_failed;
        }
    }
};

class random_batches {
public:
    explicit random_batches(unsigned seed) : random_(seed) {}

    registry_batch next() {
        registry_batch out;
        out.time = 1000 + number(50) + 20 * step_++;
        out.caller = "caller";
        for (std::uint64_t count = 1 + number(5); count > 0; --count)
            out.commands.push_back(command());
        return out;
    }
    std::uint64_t number(std::uint64_t below) {
        return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random_);
    }

private:
    std::string name() {
        static const std::vector<std::string> names{"a", "A", "b", "Ćma", "ćMA", "d d", "e"};
        return names[number(names.size())];
    }
    std::string path() {
        std::string out;
        for (std::uint64_t depth = number(5); depth > 0; --depth)
            out += (out.empty() ? "" : "\\") + name();
        return out;
    }
    registry_command command() {
        registry_command out;
        out.verb = static_cast<registry_verb>(1 + number(6));
        if (number(3) == 0)
            out.verb = registry_verb::create_key;
        out.path = path();
        out.must_exist = number(3) == 0;
        out.subtree = number(2) == 0;
        out.replace_descriptor = number(2) == 0;
        const bool value =
            out.verb == registry_verb::set_value || out.verb == registry_verb::delete_value;
        if (value)
            out.name = number(8) == 0 ? "" : name();
        if (out.verb == registry_verb::set_value) {
            out.type = number(2) == 0 ? registry_type::sz : registry_type::binary;
            out.data.resize(number(4), static_cast<std::byte>(number(3)));
        }
        std::uint64_t descriptors = out.verb == registry_verb::create_key ? number(3) : 0;
        if (out.verb == registry_verb::set_descriptor)
            descriptors = 1;
        for (; descriptors > 0; --descriptors)
            out.descriptors.push_back(descriptor("sd" + std::to_string(number(4))));
        return out;
    }

    std::mt19937 random_;
    std::uint64_t step_ = 0;
};

void expect_same(const stored_key& key, naive_registry& expected, std::size_t& seen) {
    const naive_key* naive = expected.find(key.path());
    ASSERT_TRUE(naive) << key.path();
    ++seen;
    EXPECT_EQ(naive->path, key.path());
    EXPECT_EQ(naive->time, key.last_write()) << key.path();
    EXPECT_EQ(naive->descriptor, key.descriptor() ? *key.descriptor() : std::vector<std::byte>{});
    ASSERT_EQ(naive->values.size(), key.value_count());
    std::size_t i = 0;
    for (const auto& [folded, value] : naive->values) {
        EXPECT_EQ(key.value(i), value);
        EXPECT_EQ(key.find_value(folded), &key.value(i));
        ++i;
    }
    for (std::size_t k = 0; k < key.subkey_count(); ++k) {
        EXPECT_EQ(key.find_subkey(key.subkey(k).name()), &key.subkey(k));
        expect_same(key.subkey(k), expected, seen);
    }
}

/// The tables of a journal.
struct tables {
    std::map<std::vector<std::byte>, std::vector<std::byte>> rows;

    void write(std::vector<registry_row> changed) {
        for (auto& row : changed)
            if (row.value)
                rows[std::move(row.key)] = std::move(*row.value);
            else
                rows.erase(row.key);
    }
    [[nodiscard]] std::vector<registry_row> all() const {
        std::vector<registry_row> out;
        for (const auto& [key, value] : rows)
            out.push_back({key, value});
        return out;
    }
};

/// Sum over a tree that was built from nothing.
registry_digest fresh_digest(const registry_tree& tree) {
    return registry_tree::load(tree.save())->digest();
}

class RandomRegistry : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomRegistry, ::testing::Range(1U, 21U));

} // namespace

TEST_P(RandomRegistry, BehavesAsTheNaiveOne) {
    random_batches batches(GetParam());
    registry_tree tree;
    naive_registry naive;
    tables stored;
    for (int i = 0; i < 300; ++i) {
        const registry_batch next = batches.next();
        const auto decoded = decode_batch(encode_batch(next));
        ASSERT_TRUE(decoded);
        ASSERT_EQ(*decoded, next);
        naive_registry tried = naive;
        registry_errc expected = registry_errc::none;
        std::size_t failed = 0;
        for (; failed < next.commands.size(); ++failed)
            if (expected = tried.apply(next.commands[failed], next.time);
                expected != registry_errc::none)
                break;
        const registry_digest before = tree.digest();
        const auto outcome = tree.apply(*decoded);
        ASSERT_EQ(outcome.code, expected);
        if (expected == registry_errc::none) {
            naive = tried;
        } else {
            ASSERT_EQ(outcome.failed_command, failed);
            ASSERT_EQ(tree.digest(), before);
        }
        std::size_t seen = 0;
        expect_same(tree.root(), naive, seen);
        ASSERT_EQ(seen, naive.keys.size());
        ASSERT_EQ(tree.keys() + 1, seen);
        ASSERT_EQ(tree.digest(), fresh_digest(tree));
        if (batches.number(3) == 0) {
            stored.write(tree.take_rows());
            const auto read = registry_tree::from_rows(stored.all());
            ASSERT_TRUE(read);
            ASSERT_TRUE(*read == tree);
            ASSERT_EQ(read->digest(), tree.digest());
            ASSERT_EQ(read->bytes(), tree.bytes());
            ASSERT_EQ(read->values(), tree.values());
        }
        ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << GetParam() << " batch " << i;
    }
}

TEST_P(RandomRegistry, GoesOnFromItsRowsAsIfNothingHadHappened) {
    random_batches batches(GetParam());
    registry_tree whole;
    registry_tree resumed;
    tables stored;
    for (int i = 0; i < 200; ++i) {
        const registry_batch next = batches.next();
        whole.apply(next);
        resumed.apply(next);
        if (batches.number(5) != 0)
            continue;
        if (batches.number(2) == 0)
            stored.write(resumed.take_rows());
        else
            stored.rows.clear(), stored.write(resumed.all_rows());
        resumed = *registry_tree::from_rows(stored.all());
        ASSERT_TRUE(whole == resumed);
        ASSERT_EQ(whole.digest(), resumed.digest());
    }
}

} // namespace bridge::model::test
