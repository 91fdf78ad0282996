// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#include "fault.hpp"
#include "journal/reader.hpp"

#include <algorithm>

namespace lkstats::fault {

namespace {

using journal::Reader;

} // namespace

void read_journal(const Folder &folder,
                  const std::function<void(const lkstats_record_t &, const lkstats_string_t &node)> &take) {
    std::vector<std::string> names = folder.names();
    std::ranges::sort(names);
    for (const std::string &name : names) {
        const std::string bytes = folder.read(name);
        Reader reader({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
        lkstats_record_t record;
        journal::Found found;
        Reader::Next next;
        while ((next = reader.next(record, found)) == Reader::Next::record) {
            check(!found.start_unknown && !found.running_unknown);
            take(record, {found.node.data(), found.node.size()});
        }
        check(next == Reader::Next::end && reader.lost() == 0);
        check(reader.header_ok() || bytes.size() < sizeof(lkstats_journal_segment_t));
    }
}

} // namespace lkstats::fault
