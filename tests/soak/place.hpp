// SPDX-License-Identifier: Apache-2.0
// Where one phase of a soak takes place: its ledger, slab_dir, journal_dir and files of rows, some of them on a tmpfs
// of its own that can be made full.
#pragma once

extern "C" {
#include "ledger.h"
}

#include <string>

namespace soak {

enum class Small { nothing, slab, journal };

class Place {
  public:
    // Below a directory that is there, in place of the one before it there. Ends the program where that is not possible; without the right to mount
    // small is nothing.
    Place(const std::string &below, Small small);
    ~Place();
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    const std::string &path() const { return path_; }
    std::string slab() const { return path_ + "/slab"; }
    std::string journal() const { return path_ + "/journal"; }
    std::string ledger_path() const { return path_ + "/ledger"; }
    std::string rows(uint32_t life) const { return path_ + "/rows." + std::to_string(life); }
    Small small() const { return small_; }
    soak_ledger &ledger() { return *ledger_; }

    // The small tmpfs: whether it has room.
    void fill();
    void make_room();
    // A directory file that nobody finished is left alone for a minute: lets that minute pass.
    void age_unfinished() const;
    // A name that is left in slab_dir; empty: none.
    std::string left_over() const;

  private:
    std::string small_path() const { return small_ == Small::slab ? slab() : journal(); }

    std::string path_;
    Small small_;
    soak_ledger *ledger_ = nullptr;
};

// Says why on standard error, and ends the program.
[[noreturn]] void give_up(const std::string &why);

} // namespace soak
