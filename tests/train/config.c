// SPDX-License-Identifier: MIT
// Settings: defaults, names, ranges, the config file, and what wins.
#include "base/file.h"
#include "train/config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct nephos_log *test_log;
static struct nephos_config *config;
static char folder[] = "/tmp/nephos-config-XXXXXX";

static void open_config(void)
{
    cr_assert_eq(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &test_log), NEPHOS_OK);
    cr_assert_eq(nephos_config_create(test_log, &config), NEPHOS_OK);
    cr_assert_not_null(mkdtemp(folder));
}

static char *path_of(const char *name)
{
    char *path = base_format("%s/%s", folder, name);
    cr_assert_not_null(path);
    return path;
}

static void close_config(void)
{
    nephos_config_destroy(&config);
    nephos_log_destroy(&test_log);
    const char *const files[] = {"a.ini", "b.ini"};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        char *path = path_of(files[i]);
        unlink(path);
        free(path);
    }
    rmdir(folder);
}

TestSuite(config, .init = open_config, .fini = close_config);

static enum nephos_status load_text(const char *text)
{
    char *path = path_of("a.ini");
    cr_assert_eq(base_file_write(test_log, path, text, strlen(text)), NEPHOS_OK);
    enum nephos_status status = nephos_config_load(config, path);
    free(path);
    return status;
}

static struct train_settings resolve(void)
{
    struct train_settings settings;
    cr_assert_eq(config_resolve(config, &settings), NEPHOS_OK, "%s", nephos_last_error(test_log));
    return settings;
}

static void set(const char *name, const char *value)
{
    cr_assert_eq(nephos_config_set(config, name, value), NEPHOS_OK, "%s", nephos_last_error(test_log));
}

static void expect_error(const char *part)
{
    cr_assert(strstr(nephos_last_error(test_log), part), "no '%s' in: %s", part, nephos_last_error(test_log));
}

Test(config, every_default_passes_its_own_check)
{
    struct nephos_setting_info info;
    size_t count = 0;
    for (; nephos_config_setting(count, &info); count++) {
        cr_assert_str_eq(nephos_config_get(config, info.name), info.default_value);
        set(info.name, info.default_value);
        cr_assert_eq(info.choices != NULL, !strcmp(info.type, "choice"), "%s", info.name);
    }
    cr_assert_eq(count, train_setting_count);
}

Test(config, data_and_out_are_required)
{
    struct train_settings settings;
    cr_assert_eq(config_resolve(config, &settings), NEPHOS_ERROR_ARGUMENT);
    expect_error("'data' is missing");
    set("data", "clouds");
    cr_assert_eq(config_resolve(config, &settings), NEPHOS_ERROR_ARGUMENT);
    expect_error("'out' is missing");
    set("out", "run");
    resolve();
}

Test(config, values_arrive_in_the_struct)
{
    set("data", "clouds");
    set("out", "run");
    set("encoder", "none");
    set("encoder-width", "8");
    set("optimizer", "sgd");
    set("nesterov", "true");
    set("weight-decay", "1e-4");
    set("flip", "h");
    set("seed", "18446744073709551615");
    struct train_settings settings = resolve();
    cr_assert_str_eq(settings.data, "clouds");
    cr_assert_str_eq(settings.encoder, "none");
    cr_assert_eq(settings.encoder_width, 8);
    cr_assert_eq(settings.optimizer, TRAIN_SGD);
    cr_assert(settings.nesterov);
    cr_assert_eq(settings.weight_decay, 1e-4f);
    cr_assert_eq(settings.flip, TRAIN_FLIP_H);
    cr_assert_eq(settings.seed, UINT64_MAX);
    cr_assert_null(settings.init);
    cr_assert_eq(settings.batch, 8);
}

Test(config, loss_terms_carry_weights)
{
    set("data", "d");
    set("out", "o");
    struct train_settings settings = resolve();
    cr_assert(settings.loss.bce == 1 && settings.loss.dice == 1 && settings.loss.ce == 0);
    set("loss", "0.25*ce+3*dice");
    settings = resolve();
    cr_assert(settings.loss.bce == 0 && settings.loss.dice == 3 && settings.loss.ce == 0.25f);
    set("loss", "0.1*dice-positive+2*jaccard+tversky+focal-tversky+mcc+4*focal+3*lovasz");
    settings = resolve();
    cr_assert(settings.loss.dice == 0 && settings.loss.dice_positive == 0.1f && settings.loss.jaccard == 2 && settings.loss.focal == 4);
    cr_assert(settings.loss.tversky == 1 && settings.loss.focal_tversky == 1 && settings.loss.mcc == 1 && settings.loss.lovasz == 3);
}

Test(config, lists_have_a_number_per_class)
{
    set("data", "d");
    set("out", "o");
    cr_assert_eq(resolve().loss.pos_weight.count, 0);
    set("pos-weight", "3");
    set("class-weight", "1,0.5,2e1,0");
    const struct train_settings settings = resolve();
    cr_assert(settings.loss.pos_weight.count == 1 && settings.loss.pos_weight.values[0] == 3);
    cr_assert_eq(settings.loss.class_weight.count, 4);
    cr_assert(settings.loss.class_weight.values[1] == 0.5f && settings.loss.class_weight.values[2] == 20);
}

Test(config, bad_values_are_refused_and_change_nothing)
{
    static const struct { const char *name, *value, *message; } bad[] = {
        {"batch", "0", "an integer from 1 to 1024"},
        {"batch", "-1", "'-1'"},
        {"batch", "8x", "'8x'"},
        {"batch", "", "setting 'batch' is ''"},
        {"batch", "99999999999999999999", "an integer"},
        {"encoder-width", "6", "a multiple of 4 from 4 to 256"},
        {"encoder", "resnet99", "resnet18|resnet34|resnet50|none"},
        {"lr", "nan", "a number from 1e-09 to 100"},
        {"lr", "0x1p-3", "a number"},
        {"lr", "0,1", "a number"},
        {"nesterov", "maybe", "true or false"},
        {"seed", "-1", "an integer"},
        {"loss", "bce+", "terms bce, ce, dice"},
        {"loss", "bce+bce", "at most once"},
        {"loss", "0*bce", "terms"},
        {"loss", "bce+ce", "either ce"},
        {"loss", "bce+jacard", "did you mean 'jaccard'?"},
        {"pos-weight", "1,", "numbers from 0.001 to 1000"},
        {"pos-weight", "1,,2", "joined by ','"},
        {"pos-weight", "0", "numbers from 0.001"},
        {"class-weight", "1 2", "numbers from 0 to 1000"},
        {"class-mode", "softmax", "auto|multilabel|multiclass"},
        {"data", "a\nb", "without control characters"},
        {"out", " run", "without blanks"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        char *before = strdup(nephos_config_get(config, bad[i].name));
        cr_assert_eq(nephos_config_set(config, bad[i].name, bad[i].value), NEPHOS_ERROR_ARGUMENT, "%s=%s", bad[i].name, bad[i].value);
        expect_error(bad[i].message);
        cr_assert_str_eq(nephos_config_get(config, bad[i].name), before);
        free(before);
    }
}

Test(config, unknown_names_get_a_suggestion)
{
    cr_assert_eq(nephos_config_set(config, "epoch", "3"), NEPHOS_ERROR_ARGUMENT);
    expect_error("did you mean 'epochs'?");
    cr_assert_eq(nephos_config_set(config, "zzzzzz", "3"), NEPHOS_ERROR_ARGUMENT);
    cr_assert_null(strstr(nephos_last_error(test_log), "did you mean"));
    cr_assert_null(nephos_config_get(config, "epoch"));
}

Test(config, a_file_is_read_and_flags_win)
{
    set("batch", "2");
    cr_assert_eq(load_text("# a comment\n; another\n\n batch = 4 \nencoder_width=16\r\ninit = a;b #c.safetensors"), NEPHOS_OK);
    cr_assert_str_eq(nephos_config_get(config, "batch"), "2");
    cr_assert_str_eq(nephos_config_get(config, "encoder-width"), "16");
    cr_assert_str_eq(nephos_config_get(config, "init"), "a;b #c.safetensors");
}

Test(config, file_errors_name_the_line)
{
    static const struct { const char *text, *message; enum nephos_status status; } bad[] = {
        {"batch = 4\nepoch = 3\n", "a.ini:2: there is no setting 'epoch'; did you mean 'epochs'?", NEPHOS_ERROR_ARGUMENT},
        {"\nbatch = 0\n", "a.ini:2: setting 'batch' is '0'", NEPHOS_ERROR_ARGUMENT},
        {"[train]\nbatch = 1\n", "a.ini:1: sections are not used", NEPHOS_ERROR_DATA},
        {"batch 4\n", "a.ini:1: expected 'name = value'", NEPHOS_ERROR_DATA},
        {"batch = 4\nbatch = 5\n", "a.ini:2: setting 'batch' was already given in line 1", NEPHOS_ERROR_DATA},
    };
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        cr_assert_eq(load_text(bad[i].text), bad[i].status, "%s", bad[i].text);
        expect_error(bad[i].message);
    }
    set("batch", "2");
    cr_assert_eq(load_text("batch = zero\n"), NEPHOS_ERROR_ARGUMENT, "a bad line passes where a flag wins");
    cr_assert_eq(nephos_config_load(config, "/nonexistent/x.ini"), NEPHOS_ERROR_FILE);
}

Test(config, auto_is_saved_as_what_it_came_to)
{
    set("data", "clouds");
    set("out", "run");
    set("batch", "auto");
    struct train_settings settings;
    cr_assert_eq(config_resolve(config, &settings), NEPHOS_OK);
    cr_assert_eq(settings.batch, SETTING_AUTO);
    settings.batch = 12;
    char *path = path_of("c.ini");
    struct nephos_config *again;
    cr_assert_eq(config_save(config, &settings, path), NEPHOS_OK);
    cr_assert_eq(nephos_config_create(test_log, &again), NEPHOS_OK);
    cr_assert_eq(nephos_config_load(again, path), NEPHOS_OK, "%s", nephos_last_error(test_log));
    cr_assert_str_eq(nephos_config_get(again, "batch"), "12");
    nephos_config_destroy(&again);
    free(path);
}

Test(config, what_is_saved_loads_again)
{
    set("data", "/a folder/clouds = 2;x");
    set("out", "run");
    set("lr", "0.01");
    set("loss", "0.5*bce+dice");
    set("resume", "true");
    char *path = path_of("b.ini");
    struct train_settings settings;
    cr_assert_eq(config_resolve(config, &settings), NEPHOS_OK);
    cr_assert_eq(config_save(config, &settings, path), NEPHOS_OK);
    struct nephos_config *again;
    cr_assert_eq(nephos_config_create(test_log, &again), NEPHOS_OK);
    cr_assert_eq(nephos_config_load(again, path), NEPHOS_OK, "%s", nephos_last_error(test_log));
    struct nephos_setting_info info;
    for (size_t i = 0; nephos_config_setting(i, &info); i++)
        if (strcmp(info.name, "resume") != 0)
            cr_assert_str_eq(nephos_config_get(again, info.name), nephos_config_get(config, info.name), "%s", info.name);
    cr_assert_str_eq(nephos_config_get(again, "resume"), "false", "settings of a resumed run can start a new one");
    nephos_config_destroy(&again);
    free(path);
}
