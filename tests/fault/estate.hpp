// SPDX-License-Identifier: Apache-2.0
// What a process leaves behind in its slab directory that ends without lkstats_close: made once, and laid out as often
// as somebody is to find it.
#pragma once

#include "folder.hpp"
#include "receipts.hpp"

namespace lkstats::fault {

class Estate {
  public:
    // Somebody counts, reports, is acknowledged in part, and dies.
    Estate();
    void lay_out(const Folder &folder) const;

    // All that is owed, as somebody finds it whom nothing fails.
    const Receipts &owed() const { return owed_; }
    // Whether the dead context was that node's.
    static bool left(const lkstats_string_t &node);

  private:
    void inherit();

    struct File {
        std::string name, bytes;
    };
    std::vector<File> files_;
    Receipts owed_;
};

} // namespace lkstats::fault
