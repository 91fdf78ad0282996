// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lkstats.h"

#include <memory>
#include <span>

namespace lkstats::report {

class Batch;
struct Item;

// What reporting needs from outside: api gives it the operating system's.
class Ports {
  public:
    virtual lkstats_time_t now() = 0;
    // What pauses are measured with: a dead context's clock stands still.
    virtual int64_t pace_ns() { return now().monotonic_ns; }
    // There is something urgent: run soon.
    virtual void wake() = 0;
    // Whether a consumer would get something now.
    virtual void set_readable(bool readable) = 0;
    // Whether a thread of its own runs the reporter; else nobody but the host's do.
    virtual bool threaded() const = 0;
    // One at a time calls the consumer, of all reporters that have the same. False: somebody is at it.
    virtual bool enter() { return true; }
    virtual void leave() {}
    // Calls the consumer with a batch, no lock held. False: it is not acknowledged. thrown: an exception came.
    virtual bool call(const std::shared_ptr<Batch> &batch, bool &thrown) = 0;
    // These slots have changed, after an acknowledgement; nothing that it has brought about is handed out before
    // this returns.
    virtual void acknowledged(std::span<const Item>) {}

  protected:
    ~Ports() = default;
};

} // namespace lkstats::report
