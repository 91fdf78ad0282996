/* SPDX-License-Identifier: Apache-2.0 */
/* lkstats_load.h: it finds the library, or says in a sentence why not. This program is not linked with it. */
#define _GNU_SOURCE
#include "lkstats_load.h"

#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define STORY(name) static void name(void **state __attribute__((unused)))

#define FAKE(name) FAKES "/" name ".so"

enum { ENOUGH = 4096 };

/* Refused; the sentence stays until the next call. */
static const char *refusal_of(const char *path) {
    static char error[ENOUGH];
    memset(error, 0x5a, sizeof error);
    assert_null(lkstats_load(path, error, sizeof error));
    assert_non_null(memchr(error, '\0', sizeof error));
    return error;
}

static void assert_says(const char *sentence, const char *what) {
    if (strstr(sentence, what) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", sentence, what);
}

static void assert_works(const lkstats_api_t *api) {
    lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    lkstats_t *ctx = NULL;
    assert_int_equal(api->open(&options, &ctx), LKSTATS_OK);
    assert_int_equal(api->close(ctx, 0, NULL), LKSTATS_OK);
}

STORY(the_library_is_loaded_and_works) {
    char error[ENOUGH] = "as it was";
    const lkstats_api_t *const api = lkstats_load(LIBRARY, error, sizeof error);
    assert_non_null(api);
    assert_true(api->struct_size >= sizeof *api);
    assert_string_equal(error, "as it was");
    assert_works(api);
    /* Nobody else in the process comes upon its symbols. */
    assert_null(dlsym(RTLD_DEFAULT, "lkstats_get_api"));
}

STORY(the_same_library_gives_the_same_table) {
    const lkstats_api_t *const api = lkstats_load(LIBRARY, NULL, 0);
    assert_non_null(api);
    assert_ptr_equal(lkstats_load(LIBRARY, NULL, 0), api);
    /* The default is a name that is searched for; the environment of this test has the folder. */
    assert_ptr_equal(lkstats_load(NULL, NULL, 0), api);
    assert_works(api);
}

STORY(what_is_not_there_is_named) {
    const char *const sentence = refusal_of("/no/such/folder/liblkstats.so.0");
    assert_says(sentence, "/no/such/folder/liblkstats.so.0");
    assert_says(sentence, "install it, or give the path of liblkstats.so.0");
    assert_says(refusal_of("no-such-name.so"), "no-such-name.so");
}

/* dlopen takes an empty path for the program itself. */
STORY(an_empty_path_is_no_path) { assert_says(refusal_of(""), "the path is empty"); }

STORY(a_file_that_is_no_library_is_named) {
    char path[] = "/tmp/lkstats-load-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_says(refusal_of(path), path);
    assert_int_equal(write(file, "not a library\n", 14), 14);
    assert_says(refusal_of(path), path);
    close(file);
    unlink(path);
    assert_says(refusal_of("/tmp"), "/tmp");
}

STORY(a_library_that_is_not_lkstats_is_told_so) {
    const char *const sentence = refusal_of(FAKE("stranger"));
    assert_says(sentence, FAKE("stranger"));
    assert_says(sentence, "not lkstats");
    assert_says(sentence, "give the path of liblkstats.so.0");
}

STORY(an_older_release_is_told_both_versions) {
    const char *const sentence = refusal_of(FAKE("older"));
    char ours[32];
    assert_says(sentence, FAKE("older"));
    assert_says(sentence, "is 0.0.9 and lacks functions of");
    snprintf(ours, sizeof ours, "install %d.%d.%d or newer", LKSTATS_VERSION_MAJOR, LKSTATS_VERSION_MINOR,
             LKSTATS_VERSION_PATCH);
    assert_says(sentence, ours);
    assert_says(refusal_of(FAKE("tiny")),
                "is 0.0.0 and lacks functions"); /* its version is not there to be read */
}

/* A number that is there already is no advice. */
STORY(an_earlier_build_of_the_same_release_is_told_so) {
    const char *const sentence = refusal_of(FAKE("earlier"));
    char ours[64];
    assert_says(sentence, FAKE("earlier"));
    snprintf(ours, sizeof ours, "is an earlier build of %d.%d.%d and lacks functions", LKSTATS_VERSION_MAJOR,
             LKSTATS_VERSION_MINOR, LKSTATS_VERSION_PATCH);
    assert_says(sentence, ours);
    assert_null(strstr(sentence, "or newer"));
    assert_says(sentence, "install the build");
}

STORY(a_release_that_is_too_new_is_told_so) {
    static const char *const fakes[] = {FAKE("newer"), FAKE("empty")};
    for (size_t i = 0; i < sizeof fakes / sizeof fakes[0]; ++i) {
        const char *const sentence = refusal_of(fakes[i]);
        assert_says(sentence, fakes[i]);
        assert_says(sentence, "is newer than this program");
        assert_says(sentence, "install lkstats 0.");
    }
}

STORY(a_sentence_is_cut_to_its_capacity) {
    static const char *const paths[] = {"/no/such/library.so", "",           FAKE("stranger"), FAKE("older"),
                                        FAKE("earlier"),       FAKE("newer")};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; ++i) {
        char whole[ENOUGH], cut[ENOUGH + 1];
        assert_null(lkstats_load(paths[i], whole, sizeof whole));
        const size_t size = strlen(whole) + 1;
        assert_true(size > 20 && size < ENOUGH);
        for (size_t capacity = 0; capacity <= size; ++capacity) {
            memset(cut, 0x5a, sizeof cut);
            assert_null(lkstats_load(paths[i], cut, capacity));
            if (capacity > 0) {
                assert_memory_equal(cut, whole, capacity - 1);
                assert_int_equal(cut[capacity - 1], '\0');
            }
            assert_int_equal(cut[capacity], 0x5a);
        }
    }
}

STORY(nobody_has_to_want_the_sentence) {
    static const char *const paths[] = {"/no/such/library.so", "",           FAKE("stranger"), FAKE("older"),
                                        FAKE("earlier"),       FAKE("newer")};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; ++i) {
        assert_null(lkstats_load(paths[i], NULL, 0));
        assert_null(lkstats_load(paths[i], NULL, ENOUGH));
    }
}

/* Of one that can be unloaded: a real lkstats cannot. */
STORY(nothing_of_a_refused_library_stays) {
    static const char *const fakes[] = {FAKE("stranger"), FAKE("older"), FAKE("earlier"),
                                        FAKE("tiny"),     FAKE("newer"), FAKE("empty")};
    for (size_t i = 0; i < sizeof fakes / sizeof fakes[0]; ++i) {
        refusal_of(fakes[i]);
        assert_null(dlopen(fakes[i], RTLD_NOW | RTLD_NOLOAD));
    }
}

STORY(errno_is_left_as_it_was) {
    static const char *const paths[] = {LIBRARY, "/no/such/library.so", "", FAKE("stranger"), FAKE("newer")};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; ++i) {
        errno = 77;
        (void)lkstats_load(paths[i], NULL, 0);
        assert_int_equal(errno, 77);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_is_named),
        cmocka_unit_test(an_empty_path_is_no_path),
        cmocka_unit_test(a_file_that_is_no_library_is_named),
        cmocka_unit_test(a_library_that_is_not_lkstats_is_told_so),
        cmocka_unit_test(an_older_release_is_told_both_versions),
        cmocka_unit_test(an_earlier_build_of_the_same_release_is_told_so),
        cmocka_unit_test(a_release_that_is_too_new_is_told_so),
        cmocka_unit_test(a_sentence_is_cut_to_its_capacity),
        cmocka_unit_test(nobody_has_to_want_the_sentence),
        cmocka_unit_test(nothing_of_a_refused_library_stays),
        cmocka_unit_test(the_library_is_loaded_and_works),
        cmocka_unit_test(the_same_library_gives_the_same_table),
        cmocka_unit_test(errno_is_left_as_it_was),
    };
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
