// SPDX-License-Identifier: Apache-2.0
// Our port as sysfs tells it, on trees with the form that Linux 6.1 has.
#include "sgpr/sg_transport.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

namespace {

namespace fs = std::filesystem;
using namespace sgpr;

class Initiator : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "sgpr-sysfs-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
    }
    void TearDown() override { fs::remove_all(root_); }

    void attribute(const fs::path& file, const std::string& text) const {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text << '\n';
    }
    [[nodiscard]] std::optional<transport_id> of(const fs::path& device) const {
        fs::create_directories(root_ / device);
        return initiator_of(root_ / device, root_);
    }

    fs::path root_;
};

TEST_F(Initiator, OfIscsiIsNameAndSessionOfTheSession) {
    const fs::path session = "devices/platform/host3/session1";
    attribute(session / "iscsi_session/session1/initiatorname", "iqn.2026-01.example:node1");
    attribute(session / "iscsi_session/session1/isid", "00023d000001");
    EXPECT_EQ(of(session / "target3:0:0/3:0:0:0"),
              iscsi_transport_id("iqn.2026-01.example:node1", {0, 2, 0x3d, 0, 0, 1}));
}

TEST_F(Initiator, OfIscsiIsAskedAnew) {
    const fs::path session = "devices/platform/host3/session1";
    const auto device = session / "target3:0:0/3:0:0:0";
    attribute(session / "iscsi_session/session1/initiatorname", "iqn.2026-01.example:node1");
    attribute(session / "iscsi_session/session1/isid", "00023d000001");
    ASSERT_TRUE(of(device));
    attribute(session / "iscsi_session/session1/isid", "00023d000002");
    EXPECT_EQ(of(device)->session, (initiator_session{0, 2, 0x3d, 0, 0, 2}));
}

TEST_F(Initiator, OfIscsiInSoftwareIsTheNumberOfItsSession) {
    const fs::path session = "devices/platform/host3/session258";
    attribute(session / "iscsi_session/session258/initiatorname", "iqn.2026-01.example:node1");
    EXPECT_EQ(of(session / "target3:0:0/3:0:0:0"),
              iscsi_transport_id("iqn.2026-01.example:node1", {0, 2, 0x3d, 0, 1, 2}));
}

TEST_F(Initiator, OfIscsiWithoutItsSessionIsUnknown) {
    fs::path session = "devices/platform/host3/session1";
    EXPECT_FALSE(of(session / "target3:0:0/3:0:0:0")) << "no name";
    attribute(session / "iscsi_session/session1/initiatorname", "iqn.2026-01.example:node1");
    attribute(session / "iscsi_session/session1/isid", "(null)");
    EXPECT_FALSE(of(session / "target3:0:0/3:0:0:0"));
    session = "devices/platform/host3/session16777216";
    attribute(session / "iscsi_session/session16777216/initiatorname", "iqn.2026-01.example:node1");
    EXPECT_FALSE(of(session / "target3:0:0/3:0:0:0")) << "more than the ISID has room for";
}

TEST_F(Initiator, OfFibreChannelIsTheHostsPortName) {
    const fs::path host = "devices/pci0000:00/0000:00:03.0/host5";
    attribute(host / "fc_host/host5/port_name", "0x21000024ff000001");
    EXPECT_EQ(of(host / "rport-5:0-2/target5:0:0/5:0:0:1"),
              fibre_channel_transport_id(0x21000024ff000001));
}

TEST_F(Initiator, OfSasIsTheAddressOfThePhysOfItsPort) {
    const fs::path port = "devices/pci0000:00/0000:00:04.0/host0/port-0:1";
    attribute(port / "phy-0:4/sas_phy/phy-0:4/sas_address", "0x500605b000000010");
    attribute(port / "phy-0:5/sas_phy/phy-0:5/sas_address", "0x500605b000000010");
    // An expander's ports on the way are not ours.
    const auto far = port / "expander-0:0/port-0:0:3";
    attribute(far / "phy-0:0:3/sas_phy/phy-0:0:3/sas_address", "0x5000000000000001");
    EXPECT_EQ(of(far / "end_device-0:0:3/target0:0:3/0:0:3:0"),
              sas_transport_id(0x500605b000000010));
}

TEST_F(Initiator, OfAPortWhosePhysDisagreeIsUnknown) {
    const fs::path port = "devices/pci0000:00/0000:00:04.0/host0/port-0:1";
    attribute(port / "phy-0:4/sas_phy/phy-0:4/sas_address", "0x500605b000000010");
    attribute(port / "phy-0:5/sas_phy/phy-0:5/sas_address", "0x500605b000000011");
    EXPECT_FALSE(of(port / "end_device-0:1/target0:0:1/0:0:1:0"));
}

TEST_F(Initiator, OfTheLoopbackTargetIsTheNexusOfItsPortGroup) {
    const fs::path all = "kernel/config/target/loopback";
    attribute(all / "naa.6001405000000001/tpgt_1/address", "2:0:1");
    attribute(all / "naa.6001405000000001/tpgt_1/nexus", "naa.60014050000000a1");
    attribute(all / "naa.6001405000000002/tpgt_1/address", "3:0:1");
    attribute(all / "naa.6001405000000002/tpgt_1/nexus", "naa.60014050000000b1");
    const fs::path host = "devices/tcm_loop_0/tcm_loop_adapter_1/host3";
    EXPECT_EQ(of(host / "target3:0:1/3:0:1:7"), sas_transport_id(0x60014050000000b1));
    EXPECT_FALSE(of(host / "target3:0:2/3:0:2:7"));
}

TEST_F(Initiator, OfOtherHostsIsUnknown) {
    EXPECT_FALSE(of("devices/pci0000:00/0000:00:05.0/virtio1/host0/target0:0:0/0:0:0:0"));
    EXPECT_FALSE(initiator_of(root_ / "nowhere", root_));
}

TEST(OpenSg, RefusesWhatIsNoScsiDevice) {
    EXPECT_EQ(open_sg("/dev/null").error().code, errc::unsupported);
    const auto none = open_sg("/dev/there-is-no-such-device");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, errc::gone);
    EXPECT_EQ(none.error().os_error, ENOENT);
}

} // namespace
