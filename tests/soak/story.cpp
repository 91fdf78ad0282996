// SPDX-License-Identifier: Apache-2.0
#include "story.hpp"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace soak {

namespace {

int order(const soak_row &one, const soak_row &other) {
    const int context = memcmp(one.key.context, other.key.context, sizeof one.key.context);
    if (context != 0)
        return context;
    const auto of = [](const soak_row &row) {
        return std::tuple(row.key.slot, row.key.tag, row.key.epoch, row.key.sequence, row.key.kind);
    };
    return of(one) < of(other) ? -1 : of(other) < of(one) ? 1 : 0;
}

bool adds_up(const lkstats_traffic_t &before, const lkstats_traffic_t &window,
             const lkstats_traffic_t &after) {
    return before.send_bytes + window.send_bytes == after.send_bytes &&
           before.send_messages + window.send_messages == after.send_messages &&
           before.recv_bytes + window.recv_bytes == after.recv_bytes &&
           before.recv_messages + window.recv_messages == after.recv_messages;
}

uint64_t joined_key(uint32_t connection, uint32_t epoch) { return uint64_t(connection) << 32 | epoch; }

// The number behind the letter at the text's beginning.
bool number_after(const char *text, char letter, uint32_t &number) {
    return text[0] == letter && std::sscanf(text + 1, "%u", &number) == 1;
}

} // namespace

std::string text_of(const soak_row &row) {
    char text[512];
    int at = 0;
    for (const uint8_t byte : row.key.context)
        at += std::snprintf(text + at, sizeof text - size_t(at), "%02x", byte);
    std::snprintf(
        text + at, sizeof text - size_t(at),
        " slot %u tag %u epoch %u sequence %u kind %u flags %u: identity %s room %s tenant %s node %s, sent "
        "%llu/%llu received %llu/%llu",
        row.key.slot, row.key.tag, row.key.epoch, row.key.sequence, row.key.kind, row.flags, row.identity,
        row.room, row.tenant, row.node, static_cast<unsigned long long>(row.window.send_bytes),
        static_cast<unsigned long long>(row.window.send_messages),
        static_cast<unsigned long long>(row.window.recv_bytes),
        static_cast<unsigned long long>(row.window.recv_messages));
    return text;
}

bool same_key(const soak_row &one, const soak_row &other) { return order(one, other) == 0; }

bool same_handle(const soak_row &one, const soak_row &other) {
    return memcmp(one.key.context, other.key.context, sizeof one.key.context) == 0 &&
           one.key.slot == other.key.slot && one.key.tag == other.key.tag;
}

bool same_epoch(const soak_row &one, const soak_row &other) {
    return same_handle(one, other) && one.key.epoch == other.key.epoch;
}

void sort_by_key(std::vector<soak_row> &rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const soak_row &one, const soak_row &other) { return order(one, other) < 0; });
}

uint64_t one_a_key(std::vector<soak_row> &rows, std::vector<uint32_t> &times, const Complain &complain) {
    size_t kept = 0;
    uint32_t acknowledged = 0; // by whom
    times.clear();
    for (const soak_row &row : rows) {
        const bool again = kept != 0 && same_key(rows[kept - 1], row);
        const uint32_t by = row.batch & stored_acknowledged ? stored_by(row) : 0;
        if (!again) {
            rows[kept++] = row;
            times.push_back(1);
            acknowledged = by;
            continue;
        }
        ++times.back();
        if (memcmp(&rows[kept - 1], &row, offsetof(soak_row, batch)) != 0)
            complain("one key, two contents: " + text_of(rows[kept - 1]) + " | " + text_of(row));
        // Whoever answers a redelivery may do so twice; what another host acknowledged is nobody's any more.
        if (by != 0 && acknowledged != 0 && by != acknowledged)
            complain("acknowledged by two lives, " + std::to_string(acknowledged) + " and " +
                     std::to_string(by) + ": " + text_of(row));
        if ((row.batch & stored_in_journal) && stored_by(row) == stored_by(rows[kept - 1]))
            complain("twice in one host's journal: " + text_of(row));
        acknowledged = std::max(acknowledged, by);
    }
    const uint64_t repeated = rows.size() - kept;
    rows.resize(kept);
    return repeated;
}

void check_epoch(std::span<const soak_row> epoch, const Complain &complain) {
    const soak_row &first = epoch.front(), &last = epoch.back();
    const bool signal = first.channel == LKSTATS_CHANNEL_SIGNAL;
    const bool unattributed = (first.flags & LKSTATS_UNATTRIBUTED) != 0;
    const auto bad = [&](const char *what, const soak_row &row) { complain(what + (": " + text_of(row))); };
    lkstats_traffic_t running = {};
    uint32_t sequence = 0;
    lkstats_time_t end = first.start;
    for (const soak_row &row : epoch) {
        const bool together = row.key.kind == LKSTATS_RECORD_LEFT && row.key.sequence == sequence;
        if (row.key.sequence != sequence + 1 && !together)
            bad("a sequence is missing before", row);
        if (!adds_up(running, row.window, row.running))
            bad("running totals don't add up", row);
        if (row.flags != first.flags || row.identity_sum != first.identity_sum)
            bad("an epoch with two identities", row);
        if (row.key.kind != LKSTATS_RECORD_TRAFFIC && !adds_up({}, row.window, {}))
            bad("traffic in an event", row);
        if (row.key.kind == LKSTATS_RECORD_TRAFFIC) {
            if (row.start.monotonic_ns != end.monotonic_ns || row.start.wall_ns != end.wall_ns)
                bad("a window that does not begin where the one before ended", row);
            end = row.end;
        }
        sequence = row.key.sequence;
        running = row.running;
    }
    if (signal && !unattributed) {
        if (first.key.kind != LKSTATS_RECORD_JOINED)
            bad("no joined", first);
        if (last.key.kind != LKSTATS_RECORD_LEFT)
            bad("no left", last);
    }
    const auto events = std::count_if(epoch.begin(), epoch.end(), [](const soak_row &row) {
        return row.key.kind != LKSTATS_RECORD_TRAFFIC;
    });
    if (events != (signal && !unattributed ? 2 : 0))
        bad("events that don't belong there", first);
}

Whose::Whose(const soak_ledger &ledger)
    : ledger_(ledger), count_(std::min<uint64_t>(ledger.accounts, ledger.capacity)) {
    for (uint32_t i = 0; i < count_; ++i) {
        const soak_account &account = ledger.account[i];
        if (account.kind == SOAK_OWNED)
            epochs_.emplace_back(joined_key(account.connection, account.epoch), i);
    }
    std::sort(epochs_.begin(), epochs_.end());
}

uint32_t Whose::operator()(const soak_row &row, const Complain &complain) const {
    const bool unattributed = (row.flags & LKSTATS_UNATTRIBUTED) != 0;
    uint32_t connection = 0, named = 0;
    const auto nobody = [&](const char *why) {
        complain(why + (": " + text_of(row)));
        return SOAK_NOBODY;
    };
    if (!number_after(row.tenant, 'c', connection) || connection >= count_)
        return nobody("a record of nobody's");
    uint32_t number = connection;
    if (ledger_.account[connection].kind == SOAK_OWNED) {
        const auto found = std::lower_bound(epochs_.begin(), epochs_.end(),
                                            std::pair(joined_key(connection, row.key.epoch), 0u));
        if (found == epochs_.end() || found->first != joined_key(connection, row.key.epoch))
            return nobody("an epoch that never was");
        number = found->second;
    }
    const soak_account &account = ledger_.account[number];
    if ((account.kind == SOAK_DATA) != (row.channel != LKSTATS_CHANNEL_SIGNAL))
        return nobody("another channel");
    if (row.node != std::string("n").append(std::to_string(account.life)))
        return nobody("another node's");
    if (unattributed) {
        if (account.kind == SOAK_DATA || account.resolution == SOAK_RESOLVED)
            return nobody("it was known whose this is");
        return number;
    }
    const uint32_t epoch = account.kind == SOAK_SHARED ? row.key.epoch : 0;
    if (!number_after(row.identity, 'a', named) || named != number ||
        row.identity_sum != soak_expected_sum(number, epoch))
        return nobody("credited to somebody else");
    if (account.kind == SOAK_OWNED && account.resolution == 0)
        return nobody("nobody had said whose this is");
    return number;
}

} // namespace soak
