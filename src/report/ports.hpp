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
    // Has the reporter deliver: soon, or before it returns. Only where the consumer is called.
    virtual void drive() = 0;
    // Calls the consumer with a batch, no lock held. False: it is not acknowledged. thrown: an exception came.
    virtual bool call(const Batch &batch, bool &thrown) = 0;

  protected:
    ~Ports() = default;
};

} // namespace lkstats::report
