// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fake_disks.hpp"
#include "tests/unit/clusapi/fixture.hpp"

#include "bridge/clusapi/property_list.hpp"

namespace bridge::clusapi::test {

namespace {

using enum win32::win32_error;

/// Bytes as the specification prints them, made without the code under test.
class expected {
public:
    expected& u16(std::uint32_t value) { return number(value, 2); }
    expected& u32(std::uint64_t value) { return number(value, 4); }
    expected& u64(std::uint64_t value) { return number(value, 8); }
    /// ASCII as UTF-16 with its terminator, zeros up to `size` bytes.
    expected& text(std::string_view value, std::size_t size = 0) {
        const std::size_t begin = bytes_.size();
        for (const char c : value)
            u16(static_cast<unsigned char>(c));
        u16(0);
        return bytes_.size() - begin < size ? zeros(size - (bytes_.size() - begin)) : *this;
    }
    expected& zeros(std::size_t count) {
        bytes_.resize(bytes_.size() + count);
        return *this;
    }
    [[nodiscard]] const buffer& bytes() const { return bytes_; }

private:
    expected& number(std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            bytes_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
        return *this;
    }
    buffer bytes_;
};

/// 2.2.3.9 and 2.2.3.11: the part that both have.
void add_plain(expected& list, std::string_view device) {
    list.u32(4).text(device, 520).text("web", 520);
    list.u32(0xA1B2C3D4).u32(255).u32(7).text("ext4", 64);
}

void add_gpt_head(expected& list) {
    list.u32(0x000B0003).u32(78).text("{3f0c9a7e-64d1-4b58-8f3a-2c19d7e6b042}").zeros(2);
    list.u32(0x00060002).u32(4).u32(0x02010003);
    list.u32(0x00070002).u32(4).u32(5);
}

void add_extended_partition(expected& list) {
    list.u32(0x000D0001).u32(1160);
    add_plain(list, "\\\\?\\Volume{7d1b6c52-8f0e-4a3d-9c27-51e4a8b60f13}");
    list.u64(0x13FE00000).u64(0x12345678).u32(5).u32(1);
    list.u32(0x7D1B6C52).u16(0x8F0E).u16(0x4A3D).u64(0x130FB6A8E451279C);
}

struct answer {
    win32::win32_error result;
    buffer output;
    std::uint32_t required;
};

class Storage : public both_syntaxes {
protected:
    Storage() {
        client.server.disks = &disks;
        disks.told["1"] = {{gpt_disk(), mbr_disk()}};
        name_disk("DiskPath", gpt_disk().id);
    }

    /// What names the disk of "Web Disk".
    void name_disk(std::string property, model::property_value value,
                   model::resource_state state = model::resource_state::online) {
        model::snapshot shown = demo_snapshot();
        std::vector<std::shared_ptr<const model::resource>> resources;
        for (const auto& resource : shown.resources) {
            model::resource made = *resource;
            if (made.id == disk_id) {
                made.state = state;
                made.private_properties = {{property, model::property_format::sz, value}};
            }
            resources.push_back(std::make_shared<const model::resource>(std::move(made)));
        }
        shown.resources = model::collection<model::resource>(std::move(resources));
        client.source.shown = std::make_shared<const model::snapshot>(std::move(shown));
    }

    template <class Method>
    answer run(typename Method::in in, std::uint32_t control_code, buffer input,
               std::uint32_t size = 65536) {
        in.dwControlCode = control_code;
        in.nOutBufferSize = size;
        in.nInBufferSize = static_cast<std::uint32_t>(input.size());
        if (!input.empty())
            in.lpInBuffer = std::move(input);
        auto out = client.ask<Method>(in);
        return {code(out.result), std::move(out.lpOutBuffer), out.lpcbRequired};
    }
    answer on_resource(std::uint32_t control_code, buffer input = {}, std::uint32_t size = 65536,
                       std::string_view name = "Web Disk") {
        wire::ApiResourceControl_in in;
        in.hResource = client.open_resource(name);
        return run<wire::ApiResourceControl>(in, control_code, std::move(input), size);
    }
    answer on_node(std::string_view node, std::uint32_t control_code, buffer input = {}) {
        wire::ApiNodeResourceControl_in in;
        in.hResource = client.open_resource("Web Disk");
        in.hNode = client.open_node(node);
        return run<wire::ApiNodeResourceControl>(in, control_code, std::move(input));
    }
    answer on_type(std::uint32_t control_code, buffer input = {},
                   std::u16string name = u"Physical Disk") {
        wire::ApiResourceTypeControl_in in;
        in.hCluster = client.open_cluster();
        in.lpszResourceTypeName = std::move(name);
        return run<wire::ApiResourceTypeControl>(in, control_code, std::move(input));
    }

    fake_disks disks;
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Syntaxes, Storage, ::testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64),
                         [](const auto& tested) {
                             return tested.param == ndr::syntax::ndr ? "Ndr" : "Ndr64";
                         });

TEST_P(Storage, GetDiskInfoListsADiskWithAGuid) {
    expected list;
    add_gpt_head(list);
    list.u32(0x00080001).u32(1120);
    add_plain(list, "Disk5Partition1");
    list.u32(0);
    const answer got = on_resource(0x01000191);
    EXPECT_EQ(got.result, ERROR_SUCCESS);
    EXPECT_EQ(got.output, list.bytes());
}

TEST_P(Storage, GetDiskInfoExAddsSizesAndIdentities) {
    expected list;
    add_gpt_head(list);
    list.u32(0x000C0006).u32(8).u64(0x140000000);
    add_extended_partition(list);
    list.u32(0);
    EXPECT_EQ(on_resource(0x010001F1).output, list.bytes());
}

TEST_P(Storage, GetDiskInfoExOfAnOfflineDiskNamesItsPartitionsAlone) {
    name_disk("DiskPath", gpt_disk().id, model::resource_state::offline);
    expected list;
    add_gpt_head(list);
    list.u32(0x000C0006).u32(8).u64(0x140000000);
    list.u32(0x000D0001).u32(1160);
    list.u32(0).text("\\\\?\\GLOBALROOT\\Device\\Harddisk5\\Partition1", 520).zeros(636).u32(0);
    EXPECT_EQ(on_resource(0x010001F1).output, list.bytes());
}

TEST_P(Storage, GetDiskInfoListsADiskWithASignature) {
    name_disk("DiskSignature", std::uint32_t{0x1234ABCD});
    expected list;
    list.u32(0x00050002).u32(4).u32(0x1234ABCD);
    // Host 300 is not a byte: no address.
    list.u32(0x00070002).u32(4).u32(6);
    list.u32(0x00080001).u32(1120).u32(0).text("Disk6Partition2", 520).text("", 520);
    list.u32(0).u32(0).u32(0).text("RAW", 64).u32(0);
    EXPECT_EQ(on_resource(0x01000191).output, list.bytes());
}

TEST_P(Storage, ADiskWithoutAPartitionTableHasTheSignatureZero) {
    model::disk bare = gpt_disk();
    bare.layout = model::disk_layout::none;
    bare.volumes.clear();
    bare.address.reset();
    disks.told["1"] = {{bare}};
    expected list;
    list.u32(0x00050002).u32(4).u32(0).u32(0x00070002).u32(4).u32(5).u32(0);
    EXPECT_EQ(on_resource(0x01000191).output, list.bytes());
}

TEST_P(Storage, LongAndWideTextIsCutInsideItsField) {
    model::disk disk = gpt_disk();
    // 259 units fit; the 259th and 260th would be halves of one character.
    disk.volumes[0].label = std::string(258, 'a') + "\xF0\x9F\x92\xBE";
    disks.told["1"] = {{disk}};
    const buffer list = on_resource(0x01000191).output;
    const std::size_t label = 86 + 2 + 12 + 12 + 8 + 4 + 520;
    const auto unit = [&](std::size_t i) {
        return std::to_integer<unsigned>(list.at(label + 2 * i)) |
               std::to_integer<unsigned>(list.at(label + 2 * i + 1)) << 8;
    };
    EXPECT_EQ(unit(257), unsigned{'a'});
    EXPECT_EQ(unit(258), 0U);
    EXPECT_EQ(unit(259), 0U);
    EXPECT_EQ(unit(260), 0xC3D4U); // the serial number is where it was
}

TEST_P(Storage, TooSmallABufferGetsTheSizeThatIsNeeded) {
    for (const std::uint32_t size : {0U, 4U, 1243U}) {
        const answer small = on_resource(0x01000191, {}, size);
        EXPECT_EQ(small.result, ERROR_MORE_DATA);
        EXPECT_EQ(small.required, 1244U);
        EXPECT_TRUE(small.output.empty());
    }
    EXPECT_EQ(on_resource(0x01000191, {}, 1244).output.size(), 1244U);
}

TEST_P(Storage, OtherClassesHaveNoDisks) {
    for (const std::uint32_t number :
         {0x01000191U, 0x010001F1U, 0x01000199U, 0x01000211U, 0x01000219U})
        EXPECT_EQ(on_resource(number, {}, 65536, "Web Address").result, ERROR_INVALID_FUNCTION);
    for (const std::uint32_t number :
         {0x02000195U, 0x020001F5U, 0x020001EDU, 0x02000205U, 0x02000209U})
        EXPECT_EQ(on_type(number, {}, u"IP Address").result, ERROR_INVALID_FUNCTION);
}

TEST_P(Storage, TheOwnerAnswersUnlessAnotherNodeIsNamed) {
    disks.told.clear();
    EXPECT_EQ(on_resource(0x01000191).result, ERROR_NOT_READY);
    disks.told["1"] = {};
    EXPECT_EQ(on_resource(0x01000191).result, ERROR_FILE_NOT_FOUND);
    disks.told["2"] = {{gpt_disk()}};
    EXPECT_EQ(on_node("node1", 0x01000191).result, ERROR_FILE_NOT_FOUND);
    // The fixture's node2 is down.
    EXPECT_EQ(on_node("node2", 0x01000191).result, ERROR_HOST_NODE_NOT_AVAILABLE);
    client.server.disks = nullptr;
    EXPECT_EQ(on_resource(0x01000191).result, ERROR_NOT_SUPPORTED);
}

TEST_P(Storage, AResourceThatNamesNoDiskHasNone) {
    name_disk("Colour", std::string("blue"));
    EXPECT_EQ(on_resource(0x01000191).result, ERROR_FILE_NOT_FOUND);
}

TEST_P(Storage, ListsMountPointsOfOnePartition) {
    const answer got = on_resource(0x01000211, expected().u32(1).bytes());
    EXPECT_EQ(got.output, expected().text("/srv/web").u16(0).bytes());
    EXPECT_EQ(on_resource(0x01000211, expected().u32(2).bytes()).result, ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(on_resource(0x01000211, expected().u16(1).bytes()).result, ERROR_INVALID_DATA);
    EXPECT_EQ(on_resource(0x01000211).result, ERROR_INVALID_DATA);
    disks.told["1"].disks[0].volumes[0].mount_points.clear();
    EXPECT_EQ(on_resource(0x01000211, expected().u32(1).bytes()).output, expected().u16(0).bytes());
}

TEST_P(Storage, ListsVolumesThatSayThatTheyAreDamaged) {
    EXPECT_EQ(on_resource(0x01000219).result, ERROR_SUCCESS);
    EXPECT_TRUE(on_resource(0x01000219).output.empty());
    disks.told["1"].disks[0].volumes[0].damaged = true;
    EXPECT_EQ(on_resource(0x01000219).output, expected().u32(1).bytes());
}

TEST_P(Storage, KnowsWhetherAPathIsOnTheDisk) {
    const auto valid = [&](std::string_view path) {
        return on_resource(0x01000199, expected().text(path).bytes()).result;
    };
    EXPECT_EQ(valid("/srv/web"), ERROR_SUCCESS);
    EXPECT_EQ(valid("/srv/web/site"), ERROR_SUCCESS);
    EXPECT_EQ(valid("/srv/website"), ERROR_PATH_NOT_FOUND);
    EXPECT_EQ(valid("E:\\web"), ERROR_PATH_NOT_FOUND);
    EXPECT_EQ(on_resource(0x01000199).result, ERROR_INVALID_DATA);
    EXPECT_EQ(on_resource(0x01000199, expected().u32(0x00410041).bytes()).result,
              ERROR_INVALID_DATA);
}

TEST_P(Storage, AvailableDisksAreThoseThatNobodyHas) {
    // The first disk is the resource's.
    expected list;
    list.u32(0x00050002).u32(4).u32(0x1234ABCD).u32(0x00070002).u32(4).u32(6);
    list.u32(0x00080001).u32(1120).u32(0).text("Disk6Partition2", 520).text("", 520);
    list.u32(0).u32(0).u32(0).text("RAW", 64).u32(0);
    EXPECT_EQ(on_type(0x02000195).output, list.bytes());
    disks.told["1"].disks[1].clusterable = false;
    EXPECT_EQ(on_type(0x02000195).output, expected().u32(0).bytes());
    EXPECT_EQ(on_type(0x020001F5).output, expected().u32(0).bytes());
}

TEST_P(Storage, SeveralAvailableDisksEndWithOneEndmark) {
    name_disk("Colour", std::string("blue"));
    expected list;
    add_gpt_head(list);
    list.u32(0x000C0006).u32(8).u64(0x140000000);
    add_extended_partition(list);
    const std::size_t second = list.bytes().size();
    const buffer got = on_type(0x020001F5).output;
    ASSERT_GT(got.size(), second + 4);
    EXPECT_TRUE(std::equal(list.bytes().begin(), list.bytes().end(), got.begin()));
    const buffer head = expected().u32(0x00050002).u32(4).u32(0x1234ABCD).bytes();
    EXPECT_TRUE(
        std::equal(head.begin(), head.end(), got.begin() + static_cast<std::ptrdiff_t>(second)));
    EXPECT_EQ(buffer(got.end() - 4, got.end()), expected().u32(0).bytes());
}

TEST_P(Storage, NoLetterIsTaken) {
    EXPECT_EQ(on_type(0x020001ED).output, expected().u32(0x03FFFFFF).bytes());
}

TEST_P(Storage, TellsTheIdentityOfTheDiskThatAPathIsOn) {
    const auto id_of = [&](std::string_view path) {
        return on_type(0x02000205, expected().text(path).bytes());
    };
    expected guid;
    guid.u32(2).u32(0x3F0C9A7E).u16(0x64D1).u16(0x4B58).u64(0x42B0E6D7192C3A8F);
    EXPECT_EQ(id_of("/srv/web/x").output, guid.bytes());
    EXPECT_EQ(id_of("/nowhere").result, ERROR_PATH_NOT_FOUND);
    model::disk& other = disks.told["1"].disks[1];
    other.volumes[0].mount_points = {"/mnt"};
    EXPECT_EQ(id_of("/mnt").output, expected().u32(1).u32(0x1234ABCD).bytes());
    other.system = true;
    EXPECT_EQ(id_of("/mnt").result, ERROR_PATH_NOT_FOUND);
    other.system = false;
    other.layout = model::disk_layout::none;
    EXPECT_EQ(id_of("/mnt").result, ERROR_INVALID_STATE);
    EXPECT_EQ(on_type(0x02000205).result, ERROR_INVALID_DATA);
}

TEST_P(Storage, SaysWhetherADiskCanBecomeTheClusters) {
    const auto can = [&](const expected& key) { return on_type(0x02000209, key.bytes()).result; };
    EXPECT_EQ(can(expected().u32(1).u32(0x1234ABCD)), ERROR_SUCCESS);
    EXPECT_EQ(can(expected().u32(1).u32(0x1234ABCE)), ERROR_WRONG_DISK);
    EXPECT_EQ(can(expected().u32(0x1388).u32(0)), ERROR_WRONG_DISK);
    expected guid; // has become the cluster's
    guid.u32(2).u32(0x3F0C9A7E).u16(0x64D1).u16(0x4B58).u64(0x42B0E6D7192C3A8F);
    EXPECT_EQ(can(guid), ERROR_WRONG_DISK);
    name_disk("Colour", std::string("blue"));
    EXPECT_EQ(can(guid), ERROR_SUCCESS);
    EXPECT_EQ(can(expected().u32(2).u32(0x3F0C9A7E).u64(0)), ERROR_INVALID_DATA);
    EXPECT_EQ(can(expected().u32(1)), ERROR_INVALID_DATA);
    EXPECT_EQ(can(expected()), ERROR_INVALID_DATA);
}

TEST_P(Storage, NothingIsASharedVolume) {
    EXPECT_EQ(on_resource(0x01000225).result, ERROR_INVALID_FUNCTION);
    for (const std::uint32_t number : {0x0140028AU, 0x0140028EU, 0x01400296U, 0x0140029AU})
        EXPECT_EQ(on_resource(number).result, ERROR_INVALID_FUNCTION);
    EXPECT_EQ(on_type(0x01000229, expected().text("/srv/web/x").bytes()).result,
              ERROR_CLUSTER_NOT_SHARED_VOLUME);
    const auto change = [&](std::string_view name, std::uint32_t state) {
        wire::ApiChangeCsvState_in in;
        in.hResource = client.open_resource(name);
        in.dwState = state;
        return code(client.ask<wire::ApiChangeCsvState>(in).result);
    };
    EXPECT_EQ(change("Web Disk", 1), ERROR_CLUSTER_INVALID_REQUEST);
    EXPECT_EQ(change("Web Disk", 0), ERROR_CLUSTER_INVALID_REQUEST);
    EXPECT_EQ(change("Web Disk", 2), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(change("Web Address", 1), ERROR_CLUSTER_RESTYPE_NOT_SUPPORTED);
    EXPECT_EQ(change("Web Address", 0), ERROR_CLUSTER_INVALID_REQUEST);
    name_disk("DiskPath", gpt_disk().id, model::resource_state::offline);
    EXPECT_EQ(change("Web Disk", 1), ERROR_RESOURCE_NOT_ONLINE);
}

TEST_P(Storage, IsReadWithReadAccessOnAServerThatTakesNoChanges) {
    client.caller = reader();
    client.source.now = model::server_state::read_only;
    client.store.now = ports::registry_state::outside;
    wire::ApiOpenResourceEx_in open;
    open.lpszResourceName = u"Web Disk";
    open.dwDesiredAccess = 0x80000000;
    wire::ApiResourceControl_in in;
    in.hResource = client.ask<wire::ApiOpenResourceEx>(open).result;
    EXPECT_EQ(run<wire::ApiResourceControl>(in, 0x010001F1, {}).result, ERROR_SUCCESS);
    EXPECT_EQ(run<wire::ApiResourceControl>(in, 0x014001E6, {}).result, ERROR_SHARING_PAUSED);
}

TEST_P(Storage, WhatChangesDisksIsToCome) {
    for (const std::uint32_t number : {0x014001E6U, 0x014001EAU})
        EXPECT_EQ(on_resource(number).result, ERROR_CALL_NOT_IMPLEMENTED);
    for (const std::uint32_t number : {0x02000201U, 0x0240020EU})
        EXPECT_EQ(on_type(number).result, ERROR_CALL_NOT_IMPLEMENTED);
}

} // namespace bridge::clusapi::test
