// SPDX-License-Identifier: Apache-2.0
#include "recover/recoverer.hpp"

#include <algorithm>

namespace lkstats::recover {

namespace {

std::string count(uint64_t number, const char *what) {
    return std::to_string(number) + what + (number == 1 ? "" : "s");
}

} // namespace

std::vector<std::shared_ptr<Recovered>> Recoverer::all() {
    std::lock_guard lock(mutex_);
    return recovered_;
}

void Recoverer::scan(const os::Folder &folder, report::Consumer consumer) noexcept {
    try {
        const os::Owner me = os::myself();
        for (const std::string &name : directories(folder)) {
            try {
                take_over(folder, name, me, consumer);
            } catch (const std::bad_alloc &) {
                log_.log(LKSTATS_LOG_WARNING,
                         "no memory to recover " + name + ": it is left for the next context");
            }
        }
    } catch (...) {
        log_.log(LKSTATS_LOG_WARNING, "no memory to look for dead contexts");
    }
}

void Recoverer::take_over(const os::Folder &folder, const std::string &name, const os::Owner &me,
                          report::Consumer consumer) {
    auto dead = std::make_unique<Dead>(folder, name, me, known_);
    if (!*dead)
        return;
    if (dead->over() || dead->unfinished())
        return dead->remove();
    const std::string uuid = dead->uuid();
    if (!dead->sound()) {
        log_.log(LKSTATS_LOG_ERROR,
                 "dead context " + uuid + ": its directory is damaged, the files are kept aside");
        std::lock_guard lock(mutex_);
        ++figures_.damaged;
        return dead->keep_aside();
    }
    if (!dead->open())
        return log_.log(LKSTATS_LOG_WARNING,
                        "dead context " + uuid +
                            ": its files can't be opened now, it is left for the next context");
    Remains remains;
    remains.directory = dead->directory();
    read(*dead, remains);
    uint64_t first_id;
    {
        std::lock_guard lock(mutex_);
        recovered_.reserve(recovered_.size() + 1);
        first_id = ++figures_.contexts * ids;
        figures_.tracks += remains.slots.size();
        figures_.damaged += remains.damaged;
    }
    const auto fresh =
        std::make_shared<Recovered>(std::move(dead), std::move(remains), heir_, consumer, first_id);
    fresh->begin();
    {
        std::lock_guard lock(mutex_);
        recovered_.push_back(fresh);
    }
    fresh->announce();
    if (fresh->damaged() != 0)
        log_.log(LKSTATS_LOG_ERROR, "dead context " + uuid + ": " + count(fresh->damaged(), " track") +
                                        " damaged and left out, the files are kept aside");
    log_.log(LKSTATS_LOG_INFO,
             "dead context " + uuid + ": " + count(fresh->tracks(), " track") + " taken over");
}

void Recoverer::tend() noexcept {
    for (;;) {
        std::shared_ptr<Recovered> done;
        {
            std::lock_guard lock(mutex_);
            const auto at = std::find_if(recovered_.begin(), recovered_.end(),
                                         [](const auto &each) { return each->done(); });
            if (at == recovered_.end())
                return;
            done = *at;
            recovered_.erase(at);
        }
        try {
            done->clear_away();
        } catch (...) {
            // Names found no memory: the next context finds that nothing is owed.
        }
    }
}

lkstats_status_t Recoverer::next(std::shared_ptr<report::Batch> &batch, std::shared_ptr<Recovered> &from) {
    for (const auto &each : all())
        if (const auto status = each->reporter().next(batch);
            status == LKSTATS_OK || status == LKSTATS_ENOMEM) {
            from = each;
            return status;
        }
    return LKSTATS_EAGAIN;
}

std::shared_ptr<Recovered> Recoverer::find(uint64_t batch) {
    std::lock_guard lock(mutex_);
    for (const auto &each : recovered_)
        if (batch / ids * ids == each->first_id())
            return each;
    return nullptr;
}

void Recoverer::redeliver() {
    for (const auto &each : all())
        each->reporter().redeliver();
}

bool Recoverer::deliver() {
    bool more = false;
    for (const auto &each : all())
        more = each->reporter().deliver() || more;
    return more;
}

bool Recoverer::in_call() {
    const auto those = all();
    return std::any_of(those.begin(), those.end(),
                       [](const auto &each) { return each->reporter().in_call(); });
}

bool Recoverer::call_returned(report::Deadline deadline) {
    const auto those = all();
    return std::all_of(those.begin(), those.end(),
                       [&](const auto &each) { return each->reporter().call_returned(deadline); });
}

void Recoverer::finish() {
    for (const auto &each : all())
        each->reporter().finish();
}

Figures Recoverer::figures() {
    std::lock_guard lock(mutex_);
    figures_.waiting = recovered_.size();
    return figures_;
}

} // namespace lkstats::recover
