// SPDX-License-Identifier: Apache-2.0
#include "compare.hpp"

#include "story.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace soak {

namespace {

struct Sum {
    uint64_t bytes = 0;
    uint64_t messages = 0;
    bool operator==(const Sum &) const = default;
    Sum operator+(const Sum &other) const { return {bytes + other.bytes, messages + other.messages}; }
};

struct Received {
    Sum rows[2];    // one row a key
    Sum running[2]; // the largest of each epoch
    Sum plain[2];   // whatever came
    bool repeated = false;
};

void take(Sum (&sum)[2], const lkstats_traffic_t &traffic, uint64_t times = 1) {
    sum[0] = sum[0] + Sum{traffic.send_bytes * times, traffic.send_messages * times};
    sum[1] = sum[1] + Sum{traffic.recv_bytes * times, traffic.recv_messages * times};
}

std::string text_of(const Sum &sum) { return std::to_string(sum.bytes) + "/" + std::to_string(sum.messages); }

// Of one account and direction.
struct Booked {
    Sum confirmed;
    std::vector<Sum> doubts;
};

Booked booked(const soak_account &account, int direction) {
    Booked all;
    for (const auto &adder : account.cell) {
        const soak_cell &cell = adder[direction];
        const uint64_t now = cell.state & SOAK_CURRENT, next = now ^ SOAK_CURRENT;
        all.confirmed = all.confirmed + Sum{cell.bytes[now], cell.messages[now]};
        if (cell.state & SOAK_DOUBT)
            all.doubts.push_back(
                {cell.bytes[next] - cell.bytes[now], cell.messages[next] - cell.messages[now]});
    }
    return all;
}

// How many of the adds in doubt make the difference, each whole or not at all; -1: no choice of them does.
int counted(const Booked &booked, const Sum &received) {
    for (unsigned choice = 0; choice < 1u << booked.doubts.size(); ++choice) {
        Sum sum = booked.confirmed;
        int chosen = 0;
        for (size_t i = 0; i < booked.doubts.size(); ++i) {
            if (choice >> i & 1) {
                sum = sum + booked.doubts[i];
                ++chosen;
            }
        }
        if (sum == received)
            return chosen;
    }
    return -1;
}

// One thread can have one add under way when it is killed.
void check_doubts(const soak_ledger &ledger, uint64_t count, const Complain &complain) {
    std::map<std::pair<uint32_t, uint32_t>, unsigned> of_thread;
    for (uint64_t i = 0; i < count; ++i) {
        const soak_account &account = ledger.account[i];
        for (uint32_t adder = 0; adder < SOAK_ADDERS; ++adder) {
            for (const soak_cell &cell : account.cell[adder]) {
                if ((cell.state & SOAK_DOUBT) &&
                    ++of_thread[{account.life, account.kind == SOAK_OWNED ? account.thread : adder}] > 1)
                    complain("two adds of one thread in doubt, life " + std::to_string(account.life));
            }
        }
    }
}

void check_account(uint32_t number, const soak_account &account, const Received &received, Figures &figures,
                   const Complain &complain) {
    bool any = false;
    for (int direction = 0; direction < 2; ++direction) {
        const Booked ledger = booked(account, direction);
        const Sum &rows = received.rows[direction];
        const std::string where = "account " + std::to_string(number) + " kind " +
                                  std::to_string(account.kind) + " life " + std::to_string(account.life) +
                                  " epoch " + std::to_string(account.epoch) +
                                  (direction == 0 ? " sent: " : " received: ");
        const int chosen = counted(ledger, rows);
        if (chosen < 0) {
            std::string text = where + "ledger " + text_of(ledger.confirmed);
            for (const Sum &doubt : ledger.doubts)
                text += " in doubt " + text_of(doubt);
            complain(text + ", one row a key: " + text_of(rows));
        } else {
            figures.counted += static_cast<uint64_t>(chosen);
        }
        if (received.running[direction] != rows)
            complain(where + "one row a key: " + text_of(rows) +
                     ", largest running totals: " + text_of(received.running[direction]));
        if (!received.repeated && ledger.doubts.empty() && received.plain[direction] != ledger.confirmed)
            complain(where + "ledger " + text_of(ledger.confirmed) +
                     ", plain sum: " + text_of(received.plain[direction]));
        figures.doubts += ledger.doubts.size();
        any = any || ledger.confirmed != Sum{};
    }
    figures.accounts += any;
}

} // namespace

void Figures::operator+=(const Figures &other) {
    adds += other.adds;
    doubts += other.doubts;
    counted += other.counted;
    records += other.records;
    repeated += other.repeated;
    accounts += other.accounts;
}

std::vector<std::string> compare(const soak_ledger &ledger, std::vector<soak_row> rows, Figures &figures) {
    std::vector<std::string> wrong;
    const Complain complain = [&](const std::string &text) {
        if (wrong.size() < 20)
            wrong.push_back(text);
    };
    const uint64_t count = std::min<uint64_t>(ledger.accounts, ledger.capacity);
    const Whose whose(ledger);
    std::vector<Received> received(count);

    for (const soak_row &row : rows) { // whoever only adds knows of no keys
        const uint32_t account = whose(row, complain);
        if (account != SOAK_NOBODY)
            take(received[account].plain, row.window);
    }
    std::vector<uint32_t> times;
    sort_by_key(rows);
    figures.repeated += one_a_key(rows, times, complain);
    figures.records += rows.size();
    for (size_t from = 0, to; from < rows.size(); from = to) {
        for (to = from + 1; to < rows.size() && same_epoch(rows[from], rows[to]);)
            ++to;
        check_epoch({rows.data() + from, to - from}, complain);
        const bool follows = from > 0 && same_handle(rows[from - 1], rows[from]);
        if (rows[from].key.epoch != (follows ? rows[from - 1].key.epoch + 1 : 1))
            complain("an epoch is missing before " + text_of(rows[from]));
        const uint32_t account = whose(rows[from], complain);
        if (account == SOAK_NOBODY)
            continue;
        for (size_t i = from; i < to; ++i) {
            take(received[account].rows, rows[i].window);
            received[account].repeated |= times[i] > 1;
        }
        take(received[account].running, rows[to - 1].running);
    }
    for (uint32_t i = 0; i < count; ++i)
        check_account(i, ledger.account[i], received[i], figures, complain);
    check_doubts(ledger, count, complain);
    for (const soak_lane &lane : ledger.lane)
        figures.adds += lane.adds;
    return wrong;
}

} // namespace soak
