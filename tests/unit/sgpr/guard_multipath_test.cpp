// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard_multipath.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace sgpr;

namespace {

/// A multipathd that answers "ok", and a machine whose map dm-0 has sda and sdb.
class MultipathGate : public testing::Test {
protected:
    MultipathGate() {
        std::filesystem::create_directories(root / "class/block/dm-0/dm");
        std::ofstream(root / "class/block/dm-0/dm/uuid") << "mpath-36001405\n";
        slave("sda", "sg0");
        slave("sdb", "sg1");
        ::sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_ = "@" + root.string();
        std::memcpy(address.sun_path + 1, socket_.data() + 1, socket_.size() - 1);
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(
            ::bind(listener_, reinterpret_cast<::sockaddr*>(&address),
                   static_cast<::socklen_t>(offsetof(::sockaddr_un, sun_path) + socket_.size())),
            0);
        EXPECT_EQ(::listen(listener_, 10), 0);
    }
    ~MultipathGate() override {
        ::close(listener_);
        std::filesystem::remove_all(root);
    }

    void slave(const std::string& disk, const std::string& generic) {
        std::filesystem::create_directories(root / "class/block/dm-0/slaves" / disk);
        std::filesystem::create_directories(root / "class/block" / disk / "holders/dm-0");
        std::filesystem::create_directories(root / "class/scsi_generic" / generic / "device/block" /
                                            disk);
    }

    /// Carries out `what`, while the next `commands` are answered.
    template <class What>
    void answering(int commands, What what) {
        std::thread daemon([&] {
            for (int i = 0; i < commands; ++i)
                answer_one();
        });
        what();
        daemon.join();
    }

    void answer_one() {
        const int peer = ::accept(listener_, nullptr, nullptr);
        std::size_t size = 0;
        std::string command(256, '\0');
        EXPECT_EQ(::recv(peer, &size, sizeof size, MSG_WAITALL), ssize_t{sizeof size});
        EXPECT_EQ(::recv(peer, command.data(), std::min<std::size_t>(size, 256), MSG_WAITALL),
                  static_cast<ssize_t>(size));
        asked += std::string(command.c_str()) + "; ";
        const std::size_t length = 4;
        EXPECT_EQ(::send(peer, &length, sizeof length, 0), ssize_t{sizeof length});
        EXPECT_EQ(::send(peer, "ok\n", length, 0), static_cast<ssize_t>(length));
        ::close(peer);
    }

    [[nodiscard]] multipath_gate_settings settings() const {
        return {.sysfs = root,
                .socket = socket_,
                .patience = std::chrono::seconds(5),
                .record = {},
                .log = {}};
    }

    std::filesystem::path root =
        std::filesystem::path(testing::TempDir()) /
        ("mpgate_" + std::to_string(::getpid()) + "_" +
         std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::string socket_;
    int listener_ = -1;
    std::string asked;
};

TEST_F(MultipathGate, TakesABlockedPathOutOfItsMapAndPutsItBack) {
    multipath_gate gate(settings());
    answering(2, [&] {
        gate.block("/dev/sg1");
        gate.allow("/dev/sg1");
    });
    EXPECT_EQ(asked, "del path sdb; add path sdb; ");
}

TEST_F(MultipathGate, AsksNothingForAPathThatItDidNotTakeOut) {
    multipath_gate gate(settings());
    gate.allow("/dev/sg0");
    gate.block("/dev/sdc");
    gate.block("/dev/sg7");
    EXPECT_EQ(asked, "");
}

TEST_F(MultipathGate, LeavesTheLastPathInItsMap) {
    std::filesystem::remove(root / "class/block/dm-0/slaves/sdb");
    multipath_gate gate(settings());
    gate.block("/dev/sda");
    EXPECT_EQ(asked, "");
}

TEST_F(MultipathGate, LeavesOtherDevicesAboveADiskAlone) {
    std::ofstream(root / "class/block/dm-0/dm/uuid") << "LVM-abc\n";
    multipath_gate gate(settings());
    gate.block("/dev/sg0");
    EXPECT_EQ(asked, "");
}

TEST_F(MultipathGate, PutsBackWhatItTookWhenItEnds) {
    answering(2, [&] {
        multipath_gate gate(settings());
        gate.block("/dev/sda");
    });
    EXPECT_EQ(asked, "del path sda; add path sda; ");
}

class KilledGate : public MultipathGate {
protected:
    KilledGate() {
        how.record = root / "record";
        answering(2, [&] {
            multipath_gate gate(how);
            gate.block("/dev/sg1");
            std::filesystem::copy_file(how.record, root / "as it was");
        });
        std::filesystem::rename(root / "as it was", how.record);
        std::filesystem::remove(root / "class/block/dm-0/slaves/sdb");
        asked.clear();
    }

    multipath_gate_settings how = settings();
};

TEST_F(KilledGate, HasItsPathPutBackWhenTheNextGuardRegisteredIt) {
    answering(1, [&] {
        multipath_gate gate(how);
        gate.allow("/dev/sg0");
        EXPECT_EQ(asked, "");
        gate.allow("/dev/sg1");
    });
    EXPECT_EQ(asked, "add path sdb; ");
    EXPECT_FALSE(std::filesystem::exists(how.record));
}

TEST_F(KilledGate, HasItsPathPutBackWhenTheNextGuardEnds) {
    answering(1, [&] { const multipath_gate gate(how); });
    EXPECT_EQ(asked, "add path sdb; ");
    EXPECT_FALSE(std::filesystem::exists(how.record));
}

TEST_F(KilledGate, IsForgottenWhenItsPathIsAnotherDevice) {
    const auto devices = root / "class/scsi_generic/sg1/device/block";
    std::filesystem::rename(devices / "sdb", devices / "sdz");
    {
        multipath_gate gate(how);
        gate.allow("/dev/sg1");
    }
    EXPECT_EQ(asked, "");
}

TEST_F(MultipathGate, GoesOnWithoutMultipathd) {
    auto none = settings();
    none.socket = "@nobody-listens-here";
    multipath_gate gate(none);
    gate.block("/dev/sg0");
    gate.allow("/dev/sg0");
    none.socket = socket_; // listens, and never answers
    none.patience = std::chrono::milliseconds(20);
    multipath_gate patient(none);
    patient.block("/dev/sg0");
}

} // namespace
