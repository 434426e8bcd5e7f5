// SPDX-License-Identifier: MIT
// The table and the trace.
#include "gpu_test.h"

#include "common/folder.h"

#include <jansson.h>

static void run_twice(struct gpu *gpu, struct gpu_stream *stream, struct gpu_range y, struct gpu_range x)
{
    test_scale(stream, y, x, 2, 0);
    gpu_stream_fill(stream, x, 0);
    test_scale(stream, x, y, 3, 0);
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    uint64_t ticket;
    OK(gpu_stream_submit(stream, &ticket)); // its times are collected when somebody asks
    OK(gpu_wait(gpu, ticket));
}

Test(gpu_profile, the_table_counts_every_dispatch_of_every_replay)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.profile = true});
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 10000, 1), y = test_floats(gpu, 10000, 1);
    char *text = NULL, name[64];
    unsigned count = 0;
    double total = 0, share = 0, rest = 0;
    OK(gpu_stream_create(gpu, "profiled", &stream));
    run_twice(gpu, stream, y, x);
    OK(gpu_profile_table(gpu, &text));
    const char *row = strstr(text, "test_scale");
    cr_assert(row, "%s", text);
    cr_assert_eq(sscanf(row, "%63s %u %lf %lf", name, &count, &total, &share), 4);
    cr_expect_eq(count, 4);
    cr_expect_gt(total, 0);
    row = strstr(text, "fill ");
    cr_assert(row);
    cr_assert_eq(sscanf(row, "%63s %u %lf %lf", name, &count, &total, &rest), 4);
    cr_expect_eq(count, 2);
    cr_expect_float_eq(share + rest, 100, 0.2, "%g %% and %g %%", share, rest);
    nephos_free(text);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
}

Test(gpu_profile, a_reset_forgets_what_was_measured_and_goes_on)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.profile = true});
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 10000, 1), y = test_floats(gpu, 10000, 1);
    struct gpu_profile_row *rows = NULL;
    uint32_t count = 7;
    OK(gpu_stream_create(gpu, "profiled", &stream));
    run_twice(gpu, stream, y, x);
    OK(gpu_profile_reset(gpu));
    OK(gpu_profile_rows(gpu, &rows, &count));
    cr_expect_eq(count, 0);
    free(rows);
    OK(gpu_stream_run(stream, NULL));
    OK(gpu_profile_rows(gpu, &rows, &count));
    cr_assert_eq(count, 2);
    cr_expect_geq(rows[0].nanoseconds, rows[1].nanoseconds);
    for (uint32_t i = 0; i < count; i++) {
        const bool scale = strcmp(rows[i].kernel, "test_scale") == 0;
        cr_expect_eq(rows[i].count, scale ? 2 : 1, "%s", rows[i].kernel);
    }
    free(rows);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
}

Test(gpu_profile, the_trace_is_json_with_an_event_per_dispatch_in_order, .init = folder_setup, .fini = folder_teardown)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.profile = true});
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 1000, 1), y = test_floats(gpu, 1000, 1);
    const char *path = folder_file("trace.json");
    OK(gpu_stream_create(gpu, "profiled", &stream));
    run_twice(gpu, stream, y, x);
    gpu_stream_destroy(&stream); // the profile keeps what it knows
    OK(gpu_profile_trace(gpu, path));
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    cr_assert(root, "%s, line %d", error.text, error.line);
    json_t *events = json_object_get(root, "traceEvents");
    cr_assert_eq(json_array_size(events), 1 + 6);
    double end = 0;
    for (size_t i = 1; i < json_array_size(events); i++) {
        json_t *event = json_array_get(events, i);
        const double begin = json_number_value(json_object_get(event, "ts"));
        cr_expect_str_eq(json_string_value(json_object_get(event, "ph")), "X");
        cr_expect_geq(begin, end - 0.01, "event %zu begins before the one in front of it ends", i);
        end = begin + json_number_value(json_object_get(event, "dur"));
    }
    json_decref(root);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
}

Test(gpu_profile, an_odd_label_stays_valid_json, .init = folder_setup, .fini = folder_teardown)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.profile = true});
    struct gpu_stream *stream = NULL;
    struct gpu_range x = test_floats(gpu, 64, 1);
    const struct gpu_range ranges[] = {x, x};
    const char *path = folder_file("trace.json");
    OK(gpu_stream_create(gpu, "odd", &stream));
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = &shader_test_scale,
                                    .ranges = ranges,
                                    .range_count = 2,
                                    .push = (uint32_t[]){0, 0},
                                    .push_size = 8,
                                    .groups = {1, 1, 1},
                                    .label = "a \"b\" \\ \n c",
                                });
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    OK(gpu_profile_trace(gpu, path));
    json_t *root = json_load_file(path, 0, NULL);
    cr_assert(root);
    cr_expect_str_eq(json_string_value(json_object_get(json_array_get(json_object_get(root, "traceEvents"), 1), "name")),
                     "a \"b\" \\ \n c");
    json_decref(root);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&gpu);
}

Test(gpu_profile, asking_without_a_profile_or_for_an_impossible_file_fails)
{
    struct gpu *gpu = test_gpu();
    char *text = NULL;
    cr_expect_eq(gpu_profile_table(gpu, &text), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(gpu_profile_reset(gpu), NEPHOS_ERROR_ARGUMENT);
    cr_expect_null(text);
    gpu_close(&gpu);
    gpu = test_gpu_with((struct nephos_device_params){.profile = true});
    cr_expect_eq(gpu_profile_trace(gpu, "/nonexistent/trace.json"), NEPHOS_ERROR_FILE);
    gpu_close(&gpu);
}
