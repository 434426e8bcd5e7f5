// SPDX-License-Identifier: MIT
// Settings as files for people: what the library writes, and the ready-made ones.
#include "base/file.h"
#include "common/folder.h"
#include "train/config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(config_text, .init = folder_setup, .fini = folder_teardown);

static struct nephos_config *fresh(void)
{
    struct nephos_config *config = NULL;
    cr_assert_eq(nephos_config_create(folder_log, &config), NEPHOS_OK);
    return config;
}

static char *text_of(const struct nephos_config *config)
{
    char *text = NULL;
    cr_assert_eq(nephos_config_text(config, &text), NEPHOS_OK);
    return text;
}

Test(config_text, what_is_written_loads_again)
{
    struct nephos_config *config = fresh(), *again = fresh();
    cr_assert_eq(nephos_config_set(config, "data", "/a folder/x = 2"), NEPHOS_OK);
    cr_assert_eq(nephos_config_set(config, "loss", "0.5*bce+dice"), NEPHOS_OK);
    char *text = text_of(config);
    cr_assert_eq(base_file_write(folder_log, folder_file("a.ini"), text, strlen(text)), NEPHOS_OK);
    cr_assert_eq(nephos_config_load(again, folder_file("a.ini")), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    char *second = text_of(again);
    cr_assert_str_eq(second, text);
    nephos_free(text);
    nephos_free(second);
    nephos_config_destroy(&config);
    nephos_config_destroy(&again);
}

Test(config_text, every_setting_has_a_comment_and_lines_are_short)
{
    struct nephos_config *config = fresh();
    struct nephos_setting_info info;
    char *text = text_of(config), key[96];
    for (size_t i = 0; nephos_config_setting(i, &info); i++) {
        snprintf(key, sizeof key, "\n%s =", info.name);
        const char *at = strstr(text, key);
        cr_assert_not_null(at, "%s", info.name);
        while (at > text && at[-1] != '\n')
            at--;
        cr_assert_eq(*at, '#', "no comment above %s", info.name);
    }
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        cr_assert_leq(strcspn(line, "\n"), 140);
    nephos_free(text);
    nephos_config_destroy(&config);
}

Test(config_text, ready_made_files_are_good)
{
    static const char *const names[] = {"seed", "cpu-fast", "winning"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct nephos_config *config = fresh();
        struct train_settings settings;
        char *path = base_format("%s/../assets/configs/%s.ini", TESTS_DIR, names[i]);
        cr_assert_eq(nephos_config_load(config, path), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        cr_assert_eq(config_read(config, &settings), NEPHOS_OK);
        cr_assert_null(settings.data, "%s: data and out are the user's", names[i]);
        free(path);
        nephos_config_destroy(&config);
    }
}

Test(config_text, the_first_run_is_as_it_was_described)
{
    struct nephos_config *config = fresh();
    struct train_settings s;
    char *path = base_format("%s/../assets/configs/seed.ini", TESTS_DIR);
    cr_assert_eq(nephos_config_load(config, path), NEPHOS_OK);
    cr_assert_eq(config_read(config, &s), NEPHOS_OK);
    cr_assert_str_eq(s.encoder, "resnet34");
    cr_assert(s.epochs == 50 && s.optimizer == TRAIN_ADAM && s.patience > 0 && s.encoder_width == 64);
    free(path);
    nephos_config_destroy(&config);
}
