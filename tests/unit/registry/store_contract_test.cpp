// SPDX-License-Identifier: Apache-2.0
// The store is a journal like any other.
#include "tests/unit/registry/fault_vfs.hpp"
#include "tests/unit/registry/journal_contract.hpp"

#include <atomic>

namespace bridge::tests {

/// The store over the VFS with faults.
class store_under_test {
public:
    store_under_test() { open(); }

    registry::journal& get() { return owner_->store(); }

    registry::journal_content reopen() {
        owner_ = nullptr;
        return open();
    }

    registry::journal_content crash() {
        crash_ = true; // at the next call, if there is one
        owner_ = nullptr;
        auto disk = std::make_unique<private_folder>();
        vfs_->power_cut(survival::sectors, random_, disk->path());
        folder_ = std::move(disk);
        vfs_ = nullptr;
        crash_ = fault_full_ = fault_broken_ = false;
        return open();
    }

    template <class Condition>
    void run_until(Condition condition) {
        owner_->loop().run_until(condition);
    }

    void fill_disk() { fault_full_ = true; }
    void free_disk() { fault_full_ = false; }
    void break_disk() { fault_broken_ = true; }

private:
    registry::journal_content open() {
        if (!vfs_) {
            vfs_ = std::make_unique<fault_vfs>();
            vfs_->decide([this](const vfs_call&) {
                return crash_          ? vfs_fault::crash
                       : fault_broken_ ? vfs_fault::io_error
                       : fault_full_   ? vfs_fault::full
                                       : vfs_fault::none;
            });
        }
        auto settings = store_owner::small(*folder_ / "registry.db");
        settings.vfs = vfs_->name();
        owner_ = std::make_unique<store_owner>(settings);
        EXPECT_FALSE(owner_->error()) << owner_->error()->what;
        return owner_->content();
    }

    std::mt19937 random_{7}; // NOLINT: every run is the same
    std::atomic<bool> crash_ = false, fault_full_ = false, fault_broken_ = false;
    std::unique_ptr<private_folder> folder_ = std::make_unique<private_folder>();
    std::unique_ptr<fault_vfs> vfs_;
    std::unique_ptr<store_owner> owner_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Store, JournalContract, store_under_test);

} // namespace bridge::tests
