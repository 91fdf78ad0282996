// SPDX-License-Identifier: Apache-2.0
// The host in C++: what a story has open, and a function for each word that begins a line.
#pragma once

#include "script.h"

#include "lkstats.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

constexpr int64_t wall_at_0_ns = 1'700'000'000'000'000'000;

class Host {
  public:
    explicit Host(script *script) : script_(script) {}
    ~Host() { end_story(); }

    void run_line();

  private:
    std::string word() { return script_word(script_); }
    // The bytes lie in the line, which stays until the next one is read.
    std::string_view string() { return lkstats::view(script_string(script_)); }
    void end() { script_end(script_); }

    // Of the line: number and status; whether something may follow.
    bool answer(lkstats::Status status) {
        std::printf("%lu: %s", script_line(script_), lkstats::name(status));
        return status == LKSTATS_OK;
    }
    void answer_line(lkstats::Status status) {
        answer(status);
        std::putchar('\n');
    }

    void end_story() {
        if (context_)
            context_->abandon();
        context_.reset();
        files_ = {};
        handles_.clear();
        batches_.clear();
    }

    // A name that is nothing's answers LKSTATS_ESTALE.
    lkstats::Counted *counted(const std::string &name) {
        const auto at = handles_.find(name);
        return at == handles_.end()
                   ? nullptr
                   : std::visit([](lkstats::Counted &handle) { return &handle; }, at->second);
    }
    template <class Call> lkstats::Status of_counted(const std::string &name, const Call &call) {
        lkstats::Counted *handle = counted(name);
        return handle != nullptr ? call(*handle) : LKSTATS_ESTALE;
    }
    // What only a signal connection has cannot be written down for a track.
    template <class Call> lkstats::Status of_signal(const std::string &name, const Call &call) {
        const auto at = handles_.find(name);
        if (at == handles_.end())
            return LKSTATS_ESTALE;
        const lkstats::Signal *signal = std::get_if<lkstats::Signal>(&at->second);
        return signal != nullptr ? call(*signal) : LKSTATS_EINVAL;
    }
    template <class Call> lkstats::Status of_batch(const std::string &name, const Call &call) {
        const auto at = batches_.find(name);
        return at != batches_.end() ? call(at->second) : LKSTATS_ESTALE;
    }
    template <class Call> lkstats::Status of_context(const Call &call) {
        return context_ ? call(*context_) : LKSTATS_ESTALE;
    }

    template <class Handle> void made(const std::string &name, Handle handle) {
        answer_line(handle.status());
        if (handle)
            handles_.insert_or_assign(name, std::move(handle));
    }
    void tell_totals(lkstats::Status status, const lkstats::Totals &totals);
    void tell_close(lkstats::Status status, const lkstats::Residue &residue);

    void story();
    void files();
    void open();
    void run();
    void track();
    void signal();
    void room();
    void participant();
    void reset();
    void bytes();
    void add();
    void totals();
    void stop();
    void flush();
    void next();
    void stats();
    void ack();
    void nack();
    void redeliver();
    void metrics();
    void track_id();
    void close();
    void abandon();
    void statuses();
    void layout();

    script *script_;
    std::optional<lkstats::Context> context_;
    lkstats::Options files_; // those of slab_dir and journal_dir, for the next open
    std::string slab_dir_;
    std::string journal_dir_;
    std::map<std::string, std::variant<lkstats::Track, lkstats::Signal>> handles_;
    std::map<std::string, lkstats::Batch> batches_;
};
