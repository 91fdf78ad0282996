// SPDX-License-Identifier: Apache-2.0
// A host that loads the library, and exports whatever it has, with a plugin that is linked with it. Both use
// lkstats.hpp, and neither gets the other's functions. The stories follow each other.
#include <dlfcn.h>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

void assert_plugin_counts() {
    Status (*counts)(Totals *) = nullptr;
    void *const plugin = dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(plugin);
    counts = reinterpret_cast<Status (*)(Totals *)>(dlsym(plugin, "plugin_counts"));
    assert_non_null(counts);
    Totals totals;
    assert_status(LKSTATS_OK, counts(&totals));
    host::assert_traffic(totals.traffic, 1200, 1, 0, 0);
}

void a_plugin_counts_before_its_host_has_loaded(void **) {
    assert_null(api());
    assert_plugin_counts();
    assert_null(api());
}

void both_count(void **) {
    assert_true(load(LIBRARY, nullptr, 0));
    const Context context = host::open();
    const Track track = host::track(context, "PA_host");
    assert_status(LKSTATS_OK, track.add_bytes(5, false));
    assert_plugin_counts();
    host::assert_traffic(host::totals(track), 0, 0, 5, 1);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_counts_before_its_host_has_loaded),
        cmocka_unit_test(both_count),
    };
    return cmocka_run_group_tests_name("cpp_both", tests, nullptr, nullptr);
}
