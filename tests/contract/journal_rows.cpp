// SPDX-License-Identifier: Apache-2.0
#include "journal_rows.h"

#include "journal/reader.hpp"

bool journal_rows(const void *segment, uint64_t size, journal_row_t row, void *argument) {
    using lkstats::journal::Reader;
    Reader reader({static_cast<const uint8_t *>(segment), size});
    lkstats_record_t record;
    lkstats::journal::Found found;
    bool whole = reader.header_ok();
    for (;;) {
        switch (reader.next(record, found)) {
        case Reader::Next::record:
            whole = whole && !found.start_unknown && !found.running_unknown;
            row(argument, &record, {found.node.data(), found.node.size()});
            break;
        case Reader::Next::damaged:
            whole = false;
            break;
        case Reader::Next::end:
            return whole && !reader.torn() && reader.lost() == 0;
        }
    }
}
