// SPDX-License-Identifier: MIT
#include "gpu/profile.h"

#include "base/file.h"
#include "gpu/stream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST_EVENTS 100000u // of the trace; later ones are only counted in the table

struct row {
    char *kernel, *label;
    uint64_t count;
    double nanoseconds, flops, bytes;
};
struct event {
    uint32_t row;
    double begin, duration; // nanoseconds
};
struct gpu_profile {
    struct row *rows;
    uint32_t row_count, row_capacity;
    struct event *events;
    uint32_t event_count, event_capacity;
    bool incomplete; // memory ran out: some commands are missing
};

enum nephos_status gpu_profile_create(struct gpu *gpu)
{
    if (!gpu->timestamp_bits) return base_fail(gpu->log, NEPHOS_ERROR, "%s has no timestamps, so it can't be profiled", gpu->info.name);
    gpu->profile = calloc(1, sizeof *gpu->profile);
    return gpu->profile ? NEPHOS_OK : base_fail(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for the profile");
}

void gpu_profile_destroy(struct gpu_profile **profile)
{
    if (!*profile) return;
    for (uint32_t i = 0; i < (*profile)->row_count; i++) {
        free((*profile)->rows[i].kernel);
        free((*profile)->rows[i].label);
    }
    free((*profile)->rows);
    free((*profile)->events);
    free(*profile);
    *profile = NULL;
}

// Makes room for one more element; false: no memory.
static bool grow(void **array, uint32_t count, uint32_t *capacity, size_t element)
{
    if (count < *capacity) return true;
    const uint32_t wanted = *capacity ? 2 * *capacity : 256;
    void *larger = realloc(*array, wanted * element);
    if (!larger) return false;
    *array = larger;
    *capacity = wanted;
    return true;
}

static const char *kernel_name(const struct gpu_command *command)
{
    return command->kernel ? command->kernel->shader->name : command->label;
}

static uint32_t find_row(const struct gpu_profile *profile, const char *kernel, const char *label)
{
    for (uint32_t i = 0; i < profile->row_count; i++) {
        if (strcmp(profile->rows[i].label, label) == 0 && strcmp(profile->rows[i].kernel, kernel) == 0) return i;
    }
    return UINT32_MAX;
}

// UINT32_MAX when memory is out.
static uint32_t add_row(struct gpu_profile *profile, const char *kernel, const char *label)
{
    if (!grow((void **)&profile->rows, profile->row_count, &profile->row_capacity, sizeof *profile->rows)) return UINT32_MAX;
    struct row row = {.kernel = strdup(kernel), .label = strdup(label)};
    if (!row.kernel || !row.label) {
        free(row.kernel);
        free(row.label);
        return UINT32_MAX;
    }
    profile->rows[profile->row_count] = row;
    return profile->row_count++;
}

static void add_event(struct gpu_profile *profile, struct event event)
{
    if (profile->event_count >= MOST_EVENTS) return;
    if (!grow((void **)&profile->events, profile->event_count, &profile->event_capacity, sizeof *profile->events)) {
        profile->incomplete = true;
        return;
    }
    profile->events[profile->event_count++] = event;
}

void gpu_profile_add(struct gpu *gpu, struct gpu_command *command, double begin, double duration)
{
    struct gpu_profile *profile = gpu->profile;
    if (command->profile_row == UINT32_MAX) command->profile_row = find_row(profile, kernel_name(command), command->label);
    if (command->profile_row == UINT32_MAX) command->profile_row = add_row(profile, kernel_name(command), command->label);
    if (command->profile_row == UINT32_MAX) {
        profile->incomplete = true;
        return;
    }
    struct row *row = &profile->rows[command->profile_row];
    row->count++;
    row->nanoseconds += duration;
    row->flops += command->flops;
    row->bytes += command->bytes;
    add_event(profile, (struct event){command->profile_row, begin, duration});
}

// Timestamps of submissions that ended but were not looked at yet.
static enum nephos_status collect(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    if (!gpu->profile) FAIL(gpu->log, NEPHOS_ERROR_ARGUMENT, "the device was opened without profile");
    TRY(gpu_wait_idle(gpu));
    for (struct gpu_stream *stream = gpu->streams; stream; stream = stream->next) TRY(gpu_measure(stream));
fail:
    return status;
}

enum nephos_status gpu_profile_reset(struct gpu *gpu)
{
    const enum nephos_status status = collect(gpu);
    if (status != NEPHOS_OK) return status;
    struct gpu_profile *profile = gpu->profile;
    for (uint32_t i = 0; i < profile->row_count; i++) { // rows stay: recorded commands know theirs by index
        struct row *row = &profile->rows[i];
        row->count = 0;
        row->nanoseconds = row->flops = row->bytes = 0;
    }
    profile->event_count = 0;
    profile->incomplete = false;
    return NEPHOS_OK;
}

static int slower_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->nanoseconds != y->nanoseconds) return x->nanoseconds < y->nanoseconds ? 1 : -1;
    const int order = strcmp(x->kernel, y->kernel);
    return order ? order : strcmp(x->label, y->label);
}

static void print_rows(FILE *out, struct row *rows, uint32_t count, double total, const char *title)
{
    qsort(rows, count, sizeof *rows, slower_first);
    fprintf(out, "%-28s %8s %12s %7s %10s %10s %8s  %s\n", "kernel", "count", "total ms", "share", "mean us", "GFLOP/s", "GB/s", title);
    for (uint32_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        const double time = row->nanoseconds > 0 ? row->nanoseconds : 1;
        fprintf(out, "%-28s %8" PRIu64 " %12.3f %6.1f%% %10.1f %10.2f %8.2f  %s\n", row->kernel, row->count, 1e-6 * row->nanoseconds,
                total > 0 ? 100 * row->nanoseconds / total : 0, 1e-3 * row->nanoseconds / (double)row->count, row->flops / time,
                row->bytes / time, row->label);
    }
}

// Rows of the same kernel in one; `sums` has room for all rows.
static uint32_t sum_kernels(const struct gpu_profile *profile, struct row *sums)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < profile->row_count; i++) {
        const struct row *row = &profile->rows[i];
        if (!row->count) continue;
        uint32_t k = 0;
        while (k < count && strcmp(sums[k].kernel, row->kernel) != 0) k++;
        if (k == count) sums[count++] = (struct row){.kernel = row->kernel, .label = ""};
        sums[k].count += row->count;
        sums[k].nanoseconds += row->nanoseconds;
        sums[k].flops += row->flops;
        sums[k].bytes += row->bytes;
    }
    return count;
}

enum nephos_status gpu_profile_rows(struct gpu *gpu, struct gpu_profile_row **rows, uint32_t *count)
{
    enum nephos_status status = NEPHOS_OK;
    struct row *sums = NULL;
    struct gpu_profile_row *made = NULL;
    TRY(collect(gpu));
    sums = calloc(gpu->profile->row_count + 1, sizeof *sums);
    made = calloc(gpu->profile->row_count + 1, sizeof *made);
    if (!sums || !made || gpu->profile->incomplete) FAIL(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for the profile");
    *count = sum_kernels(gpu->profile, sums);
    qsort(sums, *count, sizeof *sums, slower_first);
    for (uint32_t i = 0; i < *count; i++) {
        const struct row *sum = &sums[i];
        made[i] = (struct gpu_profile_row){sum->kernel, sum->count, sum->nanoseconds, sum->flops, sum->bytes};
    }
    *rows = made;
    made = NULL;
fail:
    free(made);
    free(sums);
    return status;
}

// Rows that ran since the last reset; `active` has room for all.
static uint32_t active_rows(const struct gpu_profile *profile, struct row *active)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < profile->row_count; i++) {
        if (profile->rows[i].count) active[count++] = profile->rows[i];
    }
    return count;
}

static void print_table(FILE *out, const struct gpu *gpu, struct row *scratch)
{
    const struct gpu_profile *profile = gpu->profile;
    double total = 0;
    for (uint32_t i = 0; i < profile->row_count; i++) total += profile->rows[i].nanoseconds;
    fprintf(out, "%s: %.3f ms in kernels\n\n", gpu->info.name, 1e-6 * total);
    print_rows(out, scratch, sum_kernels(profile, scratch), total, "");
    fprintf(out, "\n");
    print_rows(out, scratch, active_rows(profile, scratch), total, "label");
    if (profile->incomplete) fprintf(out, "incomplete: memory ran out while measuring\n");
}

enum nephos_status gpu_profile_table(struct gpu *gpu, char **text)
{
    enum nephos_status status = NEPHOS_OK;
    struct row *scratch = NULL;
    FILE *out = NULL;
    char *buffer = NULL;
    size_t size = 0;
    TRY(collect(gpu));
    scratch = calloc(gpu->profile->row_count + 1, sizeof *scratch);
    out = open_memstream(&buffer, &size);
    if (!scratch || !out) FAIL(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for the profile table");
    print_table(out, gpu, scratch);
fail:
    free(scratch);
    if (out && fclose(out) != 0 && status == NEPHOS_OK) {
        status = base_fail(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for the profile table");
    }
    if (status == NEPHOS_OK) {
        *text = buffer;
    } else {
        free(buffer);
    }
    return status;
}

static void print_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(out, "\\%c", *c);
        } else if (*c < 0x20) {
            fprintf(out, "\\u%04x", *c);
        } else {
            fputc(*c, out);
        }
    }
    fputc('"', out);
}

// Trace Event Format, complete events, times in microseconds from the first event on.
static void print_trace(FILE *out, const struct gpu *gpu)
{
    const struct gpu_profile *profile = gpu->profile;
    double origin = profile->event_count ? profile->events[0].begin : 0;
    for (uint32_t i = 0; i < profile->event_count; i++) origin = profile->events[i].begin < origin ? profile->events[i].begin : origin;
    fprintf(out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    fprintf(out, "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":1,\"tid\":1,\"args\":{\"name\":");
    print_json_string(out, gpu->info.name);
    fprintf(out, "}}");
    for (uint32_t i = 0; i < profile->event_count; i++) {
        const struct event *event = &profile->events[i];
        const struct row *row = &profile->rows[event->row];
        fprintf(out, ",\n{\"name\":");
        print_json_string(out, row->label);
        fprintf(out, ",\"cat\":");
        print_json_string(out, row->kernel);
        fprintf(out, ",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":%.3f,\"dur\":%.3f}", 1e-3 * (event->begin - origin), 1e-3 * event->duration);
    }
    fprintf(out, "\n]}\n");
}

enum nephos_status gpu_profile_trace(struct gpu *gpu, const char *path)
{
    enum nephos_status status = NEPHOS_OK;
    struct base_file *file = NULL;
    TRY(collect(gpu));
    TRY(base_file_create(gpu->log, path, &file));
    print_trace(base_file_stream(file), gpu);
    TRY(base_file_commit(&file));
fail:
    return status;
}
