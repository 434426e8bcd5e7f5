// SPDX-License-Identifier: MIT
#include "api/api.h"

#include "common/device.h"
#include "data/safetensors.h"

#include <dirent.h>
#include <math.h>

struct nephos_device *api_device;

struct nephos_log *api_log(void)
{
    return test_log();
}

void api_open_device(void)
{
    api_open_device_with(NULL);
}

void api_open_device_with(const char *kernels)
{
    const struct nephos_device_params params = {.kernels = kernels, .validation = test_validation()};
    const enum nephos_status status = nephos_device_open(api_log(), &params, &api_device);
    cr_assert_eq(status, NEPHOS_OK, "no device: %s", nephos_last_error(api_log()));
}

void api_close_device(void)
{
    nephos_device_destroy(&api_device);
}

void api_setup_folder(void)
{
    folder_setup();
}

void api_setup(void)
{
    folder_setup();
    api_open_device();
}

void api_teardown(void)
{
    api_close_device();
    folder_teardown();
}

void api_one_driver_is_enough(void)
{
    if (strstr(nephos_device_get_info(api_device)->name, "SwiftShader")) cr_skip_test("compiling takes long, and one driver is enough");
}

void api_synth(const char *name, uint32_t images, uint32_t height, uint32_t width)
{
    const struct nephos_synth_params params = {.out_dir = folder_file(name), .images = images, .height = height, .width = width, .seed = 5};
    API_EXPECT(NEPHOS_OK, nephos_synth(api_log(), &params));
}

static void set(struct nephos_config *config, const char *name, const char *value)
{
    API_EXPECT(NEPHOS_OK, nephos_config_set(config, name, value));
}

struct nephos_config *api_config(const char *run, const char *more)
{
    static const char small[] = "encoder=resnet18 encoder-width=4 height=32 width=48 batch=4 epochs=1 patience=0 examples=1 threads=2";
    struct nephos_config *config = NULL;
    API_EXPECT(NEPHOS_OK, nephos_config_create(api_log(), &config));
    set(config, "data", folder_file("clouds"));
    set(config, "out", folder_file(run));
    char text[1024], *rest = text;
    cr_assert_lt(snprintf(text, sizeof text, "%s %s", small, more ? more : ""), (int)sizeof text);
    for (char *word; (word = strtok_r(rest, " ", &rest));) {
        char *equals = strchr(word, '=');
        cr_assert_not_null(equals, "no '=' in '%s'", word);
        *equals = '\0';
        set(config, word, equals + 1);
    }
    return config;
}

static bool count_down(void *user, const struct nephos_progress *progress)
{
    struct api_stop *left = user;
    if (progress->epoch_end) return true;
    uint32_t *calls = progress->phase == NEPHOS_PHASE_TRAIN ? &left->train_calls : &left->validate_calls;
    return *calls == 0 || --*calls > 0;
}

enum nephos_status api_train_until(const char *run, const char *more, struct api_stop stop)
{
    struct nephos_config *config = api_config(run, more);
    const enum nephos_status status = nephos_train(api_device, config, count_down, &stop);
    nephos_config_destroy(&config);
    return status;
}

enum nephos_status api_train(const char *run, const char *more)
{
    return api_train_until(run, more, (struct api_stop){0});
}

void api_expect_error(const char *part)
{
    const char *error = nephos_last_error(api_log());
    cr_assert(strstr(error, part), "no '%s' in: %s", part, error);
}

const char *api_path(const char *run, const char *file)
{
    char name[96];
    cr_assert_lt(snprintf(name, sizeof name, "%s/%s", run, file), (int)sizeof name);
    return folder_file(name);
}

// --- model files ------------------------------------------------------------------------------------------------------

static struct safetensors *open_file(const char *path)
{
    struct safetensors *file = NULL;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), path, &file));
    return file;
}

static bool same_entry(const struct safetensors *a, const struct safetensors_entry *x, const struct safetensors *b)
{
    const struct safetensors_entry *y = safetensors_find(b, x->name);
    return y && x->dtype == y->dtype && x->size == y->size && memcmp(a->data + x->offset, b->data + y->offset, x->size) == 0;
}

int api_same_tensors(const char *path_a, const char *path_b)
{
    struct safetensors *a = open_file(path_a), *b = open_file(path_b);
    bool same = a->entry_count == b->entry_count;
    const int count = (int)a->entry_count;
    for (uint32_t i = 0; same && i < a->entry_count; i++) {
        same = same_entry(a, &a->entries[i], b);
        if (!same) fprintf(stderr, "%s differs between %s and %s\n", a->entries[i].name, path_a, path_b);
    }
    safetensors_close(&a);
    safetensors_close(&b);
    return same ? count : -1;
}

void api_metadata(const char *path, const char *key, char *value, size_t size)
{
    struct safetensors *file = open_file(path);
    const char *text = safetensors_metadata(file, key);
    cr_assert_not_null(text, "%s: no '%s'", path, key);
    cr_assert_lt(snprintf(value, size, "%s", text), (int)size);
    safetensors_close(&file);
}

// --- history.csv ------------------------------------------------------------------------------------------------------

#define MAX_COLUMNS 32

// Cuts a line into fields in place.
static uint32_t cut(char *line, char *fields[MAX_COLUMNS])
{
    uint32_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *field; count < MAX_COLUMNS && (field = strsep(&line, ","));) fields[count++] = field;
    return count;
}

static bool measures_time(const char *column)
{
    return strcmp(column, "seconds") == 0 || strcmp(column, "images_per_second") == 0 || strcmp(column, "wait_share") == 0;
}

bool api_same_history(const char *run_a, const char *run_b)
{
    FILE *a = fopen(api_path(run_a, "history.csv"), "r"), *b = fopen(api_path(run_b, "history.csv"), "r");
    cr_assert(a && b);
    char header[1024], line_a[1024], line_b[1024], *names[MAX_COLUMNS], *x[MAX_COLUMNS], *y[MAX_COLUMNS];
    cr_assert(fgets(header, sizeof header, a) && fgets(line_b, sizeof line_b, b) && strcmp(header, line_b) == 0);
    const uint32_t columns = cut(header, names);
    bool same = true;
    for (;;) {
        const bool more_a = fgets(line_a, sizeof line_a, a), more_b = fgets(line_b, sizeof line_b, b);
        same = same && more_a == more_b;
        if (!more_a || !more_b) break;
        cr_assert(cut(line_a, x) == columns && cut(line_b, y) == columns);
        for (uint32_t i = 0; i < columns; i++) same = same && (measures_time(names[i]) || strcmp(x[i], y[i]) == 0);
    }
    fclose(a);
    fclose(b);
    return same;
}

double api_history(const char *run, uint32_t epoch, const char *name)
{
    FILE *file = fopen(api_path(run, "history.csv"), "r");
    cr_assert_not_null(file);
    char header[1024], line[1024], *names[MAX_COLUMNS], *fields[MAX_COLUMNS];
    cr_assert_not_null(fgets(header, sizeof header, file));
    const uint32_t columns = cut(header, names);
    double value = NAN;
    bool found = false;
    while (fgets(line, sizeof line, file)) {
        cr_assert_eq(cut(line, fields), columns);
        if (strtoul(fields[0], NULL, 10) != epoch) continue;
        for (uint32_t i = 0; i < columns; i++) {
            if (strcmp(names[i], name) != 0) continue;
            value = strtod(fields[i], NULL);
            found = true;
        }
    }
    fclose(file);
    cr_assert(found, "no column %s or no row of epoch %u", name, epoch);
    return value;
}

uint32_t api_history_rows(const char *run)
{
    FILE *file = fopen(api_path(run, "history.csv"), "r");
    cr_assert_not_null(file);
    uint32_t rows = 0;
    for (int c; (c = fgetc(file)) != EOF;) rows += c == '\n';
    fclose(file);
    return rows - 1;
}

void api_expect_same_run(const char *run_a, const char *run_b)
{
    const char *const files[] = {"last.safetensors", "best.safetensors"};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        cr_assert_gt(api_same_tensors(api_path(run_a, files[i]), api_path(run_b, files[i])), 0, "%s and %s: %s", run_a, run_b, files[i]);
    cr_assert(api_same_history(run_a, run_b), "%s and %s: history", run_a, run_b);
}

int api_count_files(const char *folder, const char *part)
{
    DIR *dir = opendir(folder);
    if (!dir) return 0;
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(dir));) count += entry->d_name[0] != '.' && strstr(entry->d_name, part) != NULL;
    closedir(dir);
    return count;
}
