// SPDX-License-Identifier: Apache-2.0
// host [--library PATH] SCRIPT: makes the calls of a script through lkstats.hpp, and writes what they answered. With
// LKSTATS_LOADED it is told a path and loads.
#include "host.hpp"

#include <cstring>

namespace {

// Whether the library can be used; where not, error says why.
bool find_library(const char *path, char *error, size_t capacity) {
#if defined(LKSTATS_LOADED)
    return lkstats::load(path, error, capacity);
#else
    (void)path;
    const lkstats_api_t *table = nullptr;
    if (lkstats::api() != nullptr)
        return true;
    if (lkstats_get_api(LKSTATS_API_VERSION, &table) != LKSTATS_OK)
        std::snprintf(error, capacity,
                      "the lkstats that this host is linked to has no function table of version %d",
                      LKSTATS_API_VERSION);
    else
        std::snprintf(error, capacity,
                      "the lkstats that this host is linked to, %u.%u.%u, is older than its header",
                      table->version >> 16, table->version >> 8 & 255, table->version & 255);
    return false;
#endif
}

#if defined(LKSTATS_LOADED)
constexpr bool is_loaded = true;
#else
constexpr bool is_loaded = false;
#endif

} // namespace

void Host::run_line() {
    static const std::map<std::string, void (Host::*)()> commands = {
        {"story", &Host::story},
        {"files", &Host::files},
        {"open", &Host::open},
        {"run", &Host::run},
        {"track", &Host::track},
        {"signal", &Host::signal},
        {"room", &Host::room},
        {"participant", &Host::participant},
        {"reset", &Host::reset},
        {"bytes", &Host::bytes},
        {"add", &Host::add},
        {"totals", &Host::totals},
        {"stop", &Host::stop},
        {"flush", &Host::flush},
        {"next", &Host::next},
        {"stats", &Host::stats},
        {"ack", &Host::ack},
        {"nack", &Host::nack},
        {"redeliver", &Host::redeliver},
        {"metrics", &Host::metrics},
        {"track_id", &Host::track_id},
        {"close", &Host::close},
        {"abandon", &Host::abandon},
        {"statuses", &Host::statuses},
        {"layout", &Host::layout},
    };
    const auto at = commands.find(word());
    if (at == commands.end())
        script_not_understood(script_, "no such command");
    else
        (this->*at->second)();
}

int main(int count, char **words) {
    const char *path = nullptr;
    int at = 1;
    if (is_loaded && count > 2 && std::strcmp(words[1], "--library") == 0) {
        path = words[2];
        at = 3;
    }
    if (at + 1 != count || (is_loaded && path == nullptr)) {
        std::fprintf(stderr, "usage: %s%s SCRIPT\n", words[0], is_loaded ? " --library PATH" : "");
        return 2;
    }
    char error[512] = "";
    if (!find_library(path, error, sizeof error)) {
        std::fprintf(stderr, "%s\n", error);
        return 3;
    }
    script *script = script_open(words[at]);
    {
        Host host(script);
        while (script_next(script) != 0)
            host.run_line();
    }
    script_close(script);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        std::fprintf(stderr, "the transcript cannot be written\n");
        return 1;
    }
    return 0;
}
