// SPDX-License-Identifier: Apache-2.0
// Participants as a LiveKit server has them: sids of 15 bytes, names of 10 to 20.
#pragma once

#include "lkstats.h"

#include <cstdint>
#include <string>

namespace bench {

class Identity {
  public:
    // The same number is always the same participant.
    explicit Identity(uint32_t number);
    // Points into this object; the track id is the default one.
    lkstats_track_options_t options() const;

  private:
    std::string room_sid_, room_name_, participant_sid_, participant_identity_;
};

} // namespace bench
