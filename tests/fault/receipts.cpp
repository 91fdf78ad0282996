// SPDX-License-Identifier: Apache-2.0
#include "receipts.hpp"

#include "fault.hpp"

#include <cstring>
#include <initializer_list>

namespace lkstats::fault {

namespace {

template <class T> bool same(const T &a, const T &b) { return std::memcmp(&a, &b, sizeof a) == 0; }

void hash(uint64_t &sum, const lkstats_string_t &text) {
    for (uint64_t i = 0; i < text.size; ++i)
        sum = (sum ^ static_cast<unsigned char>(text.data[i])) * 0x100000001b3;
    sum = (sum ^ text.size) * 0x100000001b3;
}

} // namespace

Receipts::Row Receipts::row_of(const lkstats_record_t &record) {
    Row row;
    std::memset(&row, 0, sizeof row);
    row.key = record.key;
    row.start = record.start;
    row.end = record.end;
    row.window = record.window;
    row.running = record.running;
    row.numbers[0] = record.channel;
    row.numbers[1] = record.flags;
    row.numbers[2] = record.participant_kind;
    row.numbers[3] = record.kind_details_count;
    row.texts = 0xcbf29ce484222325;
    for (const lkstats_string_t *text :
         {&record.country, &record.room_sid, &record.room_name, &record.participant_sid,
          &record.participant_identity, &record.track_id, &record.tenant})
        hash(row.texts, *text);
    return row;
}

const Receipts::Row *Receipts::find(const lkstats_key_t &key) const {
    for (size_t i = 0; i < count_; ++i)
        if (same(rows_[i].key, key))
            return &rows_[i];
    return nullptr;
}

void Receipts::take(const lkstats_record_t &record) {
    const Row row = row_of(record);
    if (const Row *known = find(row.key)) {
        check(same(*known, row));
        ++again_;
        return;
    }
    check(count_ < most);
    rows_[count_++] = row;
}

void Receipts::take(const lkstats_batch_t &batch) {
    for (uint32_t i = 0; i < batch.record_count; ++i)
        take(*lkstats_batch_record(&batch, i));
}

lkstats_traffic_t Receipts::traffic() const {
    lkstats_traffic_t sum = {};
    for (size_t i = 0; i < count_; ++i) {
        sum.send_bytes += rows_[i].window.send_bytes;
        sum.send_messages += rows_[i].window.send_messages;
        sum.recv_bytes += rows_[i].window.recv_bytes;
        sum.recv_messages += rows_[i].window.recv_messages;
    }
    return sum;
}

bool Receipts::within(const Receipts &other) const {
    for (size_t i = 0; i < count_; ++i) {
        const Row *const found = other.find(rows_[i].key);
        if (found == nullptr || !same(*found, rows_[i]))
            return false;
    }
    return true;
}

} // namespace lkstats::fault
