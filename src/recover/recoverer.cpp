// SPDX-License-Identifier: Apache-2.0
#include "recover/recoverer.hpp"

#include <algorithm>

namespace lkstats::recover {

namespace {

std::string count(uint64_t number, const char *what) {
    return std::to_string(number) + what + (number == 1 ? "" : "s");
}

} // namespace

// From the last on, one at a time: what is cleared away meanwhile makes no other be left out.
template <class F> void Recoverer::each(F f) {
    size_t at;
    {
        std::lock_guard lock(mutex_);
        at = recovered_.size();
    }
    while (at-- > 0) {
        std::shared_ptr<Recovered> one;
        {
            std::lock_guard lock(mutex_);
            if (at < recovered_.size())
                one = recovered_[at];
        }
        if (one)
            f(*one);
    }
}

void Recoverer::scan(const os::Folder &folder, report::Consumer consumer) noexcept {
    try {
        const os::Owner me = os::myself();
        std::vector<std::string> names;
        const bool all = directories(folder, names);
        if (!all || me.failed)
            log_.log(LKSTATS_LOG_WARNING,
                     "slab_dir can't be looked through now: what dead contexts are left in it "
                     "wait for the next context");
        if (me.failed)
            return;
        for (const std::string &name : names)
            try {
                if (finished())
                    return;
                take_over(folder, name, me, consumer);
            } catch (const std::bad_alloc &) {
                log_.log(LKSTATS_LOG_WARNING,
                         "no memory to recover a dead context: it waits for the next one");
            }
    } catch (const std::bad_alloc &) {
        log_.log(LKSTATS_LOG_WARNING, "no memory to look for dead contexts: they wait for the next context");
    }
}

void Recoverer::take_over(const os::Folder &folder, const std::string &name, const os::Owner &me,
                          report::Consumer consumer) {
    if (!os::Floor())
        return log_.log(LKSTATS_LOG_WARNING,
                        "too few descriptors are free to recover a dead context: it waits for the "
                        "next one");
    auto dead = std::make_unique<Dead>(folder, name, me, known_);
    const std::string who = "dead context " + dead->uuid();
    const auto wait = [&] {
        log_.log(LKSTATS_LOG_WARNING, who + " can't be read now: it waits for the next context");
    };
    if (dead->failed())
        return wait();
    if (!*dead)
        return;
    if (dead->over())
        return dead->remove();
    if (!dead->sound()) {
        log_.log(LKSTATS_LOG_ERROR, who + ": its directory is damaged, its files are kept aside");
        {
            std::lock_guard lock(mutex_);
            ++figures_.damaged;
        }
        return dead->keep_aside();
    }
    Remains remains;
    remains.directory = dead->directory();
    if (!dead->open() || !read(*dead, remains))
        return wait();
    if (finished())
        return;
    remains.damaged += dead->more_than_counted() ? 1 : 0;
    const std::string damaged = remains.damaged == 0 ? ""
                                                     : who + ": " + count(remains.damaged, " track") +
                                                           " damaged and left out, its files are kept aside";
    const std::string taken = who + ": " + count(remains.slots.size(), " track") + " taken over";
    uint64_t number;
    {
        std::lock_guard lock(mutex_);
        recovered_.reserve(recovered_.size() + 1);
        number = figures_.contexts + 1;
    }
    const auto fresh =
        std::make_shared<Recovered>(std::move(dead), std::move(remains), heir_, consumer, number * ids);
    fresh->begin();
    {
        std::lock_guard lock(mutex_);
        if (finished_)
            return; // what it has written back is as good for the next one
        recovered_.push_back(fresh);
        ++figures_.contexts;
        figures_.tracks += fresh->tracks();
        figures_.damaged += fresh->damaged();
    }
    fresh->announce();
    if (!damaged.empty())
        log_.log(LKSTATS_LOG_ERROR, damaged);
    log_.log(LKSTATS_LOG_INFO, taken);
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
        done->retire();
        try {
            done->clear_away();
        } catch (...) {
            // Names found no memory: the next context finds that nothing is owed.
        }
    }
}

lkstats_status_t Recoverer::next(std::shared_ptr<report::Batch> &batch, std::shared_ptr<Recovered> &from) {
    lkstats_status_t status = LKSTATS_EAGAIN;
    each([&](Recovered &one) {
        if (status != LKSTATS_EAGAIN)
            return;
        const auto taken = one.reporter().next(batch);
        if (taken == LKSTATS_OK)
            from = one.shared_from_this();
        if (taken == LKSTATS_OK || taken == LKSTATS_ENOMEM)
            status = taken;
    });
    return status;
}

std::shared_ptr<Recovered> Recoverer::find(uint64_t batch) {
    std::lock_guard lock(mutex_);
    for (const auto &each : recovered_)
        if (batch / ids * ids == each->first_id())
            return each;
    return nullptr;
}

void Recoverer::redeliver() {
    each([](Recovered &one) { one.reporter().redeliver(); });
}

bool Recoverer::deliver() {
    bool more = false;
    each([&](Recovered &one) { more = (!rests() && one.reporter().deliver()) || more; });
    return more;
}

bool Recoverer::rests() {
    bool rest = false;
    each([&](Recovered &one) { rest = rest || one.reporter().rests(); });
    return rest;
}

void Recoverer::rest_no_more() {
    each([](Recovered &one) { one.reporter().rest_no_more(); });
}

bool Recoverer::in_call() {
    bool in = false;
    each([&](Recovered &one) { in = in || one.reporter().in_call(); });
    return in;
}

bool Recoverer::call_returned(report::Deadline deadline) {
    bool returned = true;
    each([&](Recovered &one) { returned = one.reporter().call_returned(deadline) && returned; });
    return returned;
}

bool Recoverer::finished() {
    std::lock_guard lock(mutex_);
    return finished_;
}

void Recoverer::finish() {
    {
        std::lock_guard lock(mutex_);
        finished_ = true;
    }
    each([](Recovered &one) { one.reporter().finish(); });
}

Figures Recoverer::figures() {
    std::lock_guard lock(mutex_);
    figures_.waiting = recovered_.size();
    return figures_;
}

} // namespace lkstats::recover
