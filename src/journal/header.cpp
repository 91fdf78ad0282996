// SPDX-License-Identifier: Apache-2.0
#include "journal/header.hpp"

#include "journal/crc32c.hpp"
#include "journal/little.hpp"
#include "track/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace lkstats::journal {

namespace {

using Header = lkstats_journal_segment_t;

uint32_t checksum(const Header &header) {
    return crc32c({reinterpret_cast<const uint8_t *>(&header), offsetof(Header, checksum)});
}

void swap_numbers(Header &header) {
    for (uint32_t *each : {&header.version, &header.header_size, &header.number, &header.node_size,
                           &header.analytics_key_size, &header.checksum})
        *each = little(*each);
    header.created = {little(header.created.monotonic_ns), little(header.created.wall_ns)};
}

bool valid(const uint8_t *bytes, uint32_t size) {
    return size <= LKSTATS_STRING_MAX && track::valid_text({reinterpret_cast<const char *>(bytes), size});
}

} // namespace

std::string segment_name(const uint8_t (&context)[16], uint32_t number) {
    std::string name(name_prefix);
    char digits[16];
    for (size_t i = 0; i < sizeof context; ++i) {
        std::snprintf(digits, sizeof digits, "%02x", context[i]);
        name += digits;
        if (i == 3 || i == 5 || i == 7 || i == 9)
            name += '-';
    }
    std::snprintf(digits, sizeof digits, "-%08u", number);
    name += digits;
    return name += name_suffix;
}

lkstats_journal_segment_t encode_header(const Origin &origin, uint32_t number,
                                        const lkstats_time_t &created) {
    Header header = {};
    std::memcpy(header.magic, LKSTATS_JOURNAL_MAGIC, sizeof header.magic);
    header.version = LKSTATS_JOURNAL_VERSION;
    header.header_size = sizeof header;
    std::memcpy(header.context, origin.context, sizeof header.context);
    header.number = number;
    header.node_size =
        static_cast<uint32_t>(origin.node.copy(reinterpret_cast<char *>(header.node), sizeof header.node));
    header.analytics_key_size = static_cast<uint32_t>(origin.analytics_key.copy(
        reinterpret_cast<char *>(header.analytics_key), sizeof header.analytics_key));
    header.created = created;
    swap_numbers(header);
    header.checksum = little(checksum(header));
    return header;
}

bool decode_header(std::span<const uint8_t> file, lkstats_journal_segment_t &header) {
    if (file.size() < sizeof header)
        return false;
    std::memcpy(&header, file.data(), sizeof header);
    const uint32_t sum = checksum(header);
    swap_numbers(header);
    return std::memcmp(header.magic, LKSTATS_JOURNAL_MAGIC, sizeof header.magic) == 0 &&
           header.version == LKSTATS_JOURNAL_VERSION && header.header_size == sizeof header &&
           header.checksum == sum && valid(header.node, header.node_size) &&
           valid(header.analytics_key, header.analytics_key_size);
}

} // namespace lkstats::journal
