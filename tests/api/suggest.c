// SPDX-License-Identifier: MIT
#include "base/status.h"

#include <criterion/criterion.h>

static const char *const names[] = {"train", "evaluate", "predict", "check"};

static const char *suggest(const char *word) { return nephos_suggest(word, names, ARRAY_COUNT(names)); }

Test(suggest, finds_the_closest_name)
{
    cr_assert_str_eq(suggest("trian"), "train");
    cr_assert_str_eq(suggest("eval"), "evaluate", "a beginning counts as close");
    cr_assert_str_eq(suggest("predicts"), "predict");
    cr_assert_str_eq(suggest("check"), "check");
}

Test(suggest, stays_silent_where_nothing_is_close)
{
    cr_assert_null(suggest("zebra"));
    cr_assert_null(suggest(""));
    cr_assert_null(suggest("a-word-that-is-longer-than-any-name-could-ever-be-in-this-program-of-ours"));
    cr_assert_null(nephos_suggest(NULL, names, 1));
    cr_assert_null(nephos_suggest("train", NULL, 0));
}
