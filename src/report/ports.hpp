// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lkstats.h"

namespace lkstats::report {

class Batch;

// What reporting needs from outside: api gives it the operating system's.
class Ports {
  public:
    virtual lkstats_time_t now() = 0;
    // There is something urgent: run soon.
    virtual void wake() = 0;
    // Whether a consumer would get something now.
    virtual void set_readable(bool readable) = 0;
    // Whether a thread of its own runs the reporter; else nobody but the host's do.
    virtual bool threaded() const = 0;
    // Calls the consumer with a batch, no lock held. False: it is not acknowledged. thrown: an exception came.
    virtual bool call(const Batch &batch, bool &thrown) = 0;

  protected:
    ~Ports() = default;
};

} // namespace lkstats::report
