// SPDX-License-Identifier: MIT
// Event files, read by a reader of their own.
#include "report/events.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

TestSuite(events, .init = folder_setup, .fini = folder_teardown);

// A field of a message: bytes, or a number.
struct field {
    uint32_t number, wire;
    uint64_t value;
    const uint8_t *bytes;
    size_t size;
};
struct span {
    const uint8_t *at, *end;
};

static uint64_t little(const uint8_t *bytes, uint32_t size)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

static uint64_t varint(struct span *span)
{
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
        cr_assert(span->at < span->end && shift < 64);
        value |= (uint64_t)(*span->at & 0x7f) << shift;
        if (!(*span->at++ & 0x80)) return value;
    }
}

static bool next_field(struct span *span, struct field *field)
{
    if (span->at == span->end) return false;
    const uint64_t key = varint(span);
    *field = (struct field){.number = (uint32_t)(key >> 3), .wire = (uint32_t)(key & 7)};
    if (field->wire == 0) {
        field->value = varint(span);
        return true;
    }
    cr_assert(field->wire == 1 || field->wire == 2 || field->wire == 5);
    field->size = field->wire == 2 ? varint(span) : field->wire == 1 ? 8 : 4;
    cr_assert(field->size <= (size_t)(span->end - span->at));
    field->bytes = span->at;
    if (field->wire != 2) field->value = little(span->at, (uint32_t)field->size);
    span->at += field->size;
    return true;
}

// The field with this number, the `nth` of its kind.
static bool find(const uint8_t *bytes, size_t size, uint32_t number, uint32_t nth, struct field *field)
{
    struct span span = {bytes, bytes + size};
    while (next_field(&span, field))
        if (field->number == number && nth-- == 0) return true;
    return false;
}

static uint32_t masked(const uint8_t *bytes, size_t size)
{
    const uint32_t crc = events_crc32c(bytes, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

// Frame `nth` of a file; both checksums hold.
static bool frame(const uint8_t *file, size_t size, uint32_t nth, struct field *event)
{
    for (size_t at = 0; at < size;) {
        cr_assert(size - at >= 16);
        const uint64_t length = little(file + at, 8);
        cr_assert(length <= size - at - 16);
        cr_expect_eq(little(file + at + 8, 4), masked(file + at, 8));
        cr_expect_eq(little(file + at + 12 + length, 4), masked(file + at + 12, length));
        *event = (struct field){.bytes = file + at + 12, .size = length};
        if (nth-- == 0) return true;
        at += 16 + length;
    }
    return false;
}

static uint8_t *saved(struct events *events, size_t *size)
{
    cr_assert_eq(events_save(folder_log, events), NEPHOS_OK);
    return folder_read(events->path, size);
}

static double scalar(const struct field *event, const char *tag)
{
    struct field summary, value, name, number;
    cr_assert(find(event->bytes, event->size, 5, 0, &summary));
    for (uint32_t i = 0; find(summary.bytes, summary.size, 1, i, &value); i++) {
        cr_assert(find(value.bytes, value.size, 1, 0, &name));
        if (name.size != strlen(tag) || memcmp(name.bytes, tag, name.size) != 0) continue;
        cr_assert(find(value.bytes, value.size, 2, 0, &number) && number.wire == 5);
        const uint32_t bits = (uint32_t)number.value;
        float result;
        memcpy(&result, &bits, sizeof result);
        return (double)result;
    }
    return NAN;
}

Test(events, checksums_are_those_of_the_standard)
{
    static const uint8_t zeros[32] = {0};
    cr_expect_eq(events_crc32c("123456789", 9), 0xe3069283u);
    cr_expect_eq(events_crc32c(zeros, sizeof zeros), 0x8a9136aau);
}

Test(events, a_file_starts_with_version_and_session)
{
    static const uint8_t head[] = {0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 0x09}; // of every file TensorFlow writes
    struct events events = {0};
    struct field event, field, status;
    size_t size;
    cr_assert_eq(events_add_row(folder_log, folder_file(""), &(struct history_row){.epoch = 300}, &events), NEPHOS_OK);
    cr_expect_eq(folder_count(), 0, "nothing is written before it is saved");
    uint8_t *file = saved(&events, &size);
    cr_expect_eq(memcmp(file, head, sizeof head), 0);
    cr_assert(frame(file, size, 0, &event) && find(event.bytes, event.size, 3, 0, &field));
    cr_expect(field.size == 13 && memcmp(field.bytes, "brain.Event:2", 13) == 0);
    cr_assert(frame(file, size, 1, &event) && find(event.bytes, event.size, 2, 0, &field));
    cr_expect_eq(field.value, 300);
    cr_assert(find(event.bytes, event.size, 7, 0, &field) && find(field.bytes, field.size, 1, 0, &status));
    cr_expect_eq(status.value, 1, "START");
    cr_expect_not_null(strstr(events.path, "tfevents"));
    free(file);
    events_free(&events);
}

Test(events, columns_are_scalars_where_measured)
{
    const struct history_row rows[] = {{.epoch = 1, .train_loss = 0.5, .val_dice = 0.25, .lr = 0.125, .val_pr_auc = NAN},
                                       {.epoch = 2, .train_loss = 0.375, .val_dice = 0.75, .lr = 0.125, .val_pr_auc = 1}};
    struct events events = {0};
    struct field event, step;
    size_t size;
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert_eq(events_add_row(folder_log, folder_file(""), &rows[i], &events), NEPHOS_OK);
        cr_assert_eq(events_save(folder_log, &events), NEPHOS_OK);
    }
    cr_expect_eq(folder_count(), 1);
    uint8_t *file = saved(&events, &size);
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(frame(file, size, 2 + i, &event) && find(event.bytes, event.size, 2, 0, &step));
        cr_expect_eq(step.value, rows[i].epoch);
        cr_expect_eq(scalar(&event, "train/loss"), rows[i].train_loss);
        cr_expect_eq(scalar(&event, "val/dice"), rows[i].val_dice);
        cr_expect_eq(scalar(&event, "lr"), 0.125);
        cr_expect_eq(isnan(scalar(&event, "val/pr_auc")), i == 0);
    }
    cr_expect(!frame(file, size, 4, &event));
    free(file);
    events_free(&events);
}

Test(events, an_image_is_its_png)
{
    uint8_t png[300];
    for (size_t i = 0; i < sizeof png; i++)
        png[i] = (uint8_t)i;
    const struct events_image image = {"examples/1", 12, 200, png, sizeof png};
    struct events events = {0};
    struct field event, summary, value, picture, field;
    size_t size;
    cr_assert_eq(events_add_image(folder_log, folder_file(""), 3, &image, &events), NEPHOS_OK);
    uint8_t *file = saved(&events, &size);
    cr_assert(frame(file, size, 2, &event) && find(event.bytes, event.size, 5, 0, &summary));
    cr_assert(find(summary.bytes, summary.size, 1, 0, &value) && find(value.bytes, value.size, 4, 0, &picture));
    cr_expect(find(picture.bytes, picture.size, 1, 0, &field) && field.value == 12);
    cr_expect(find(picture.bytes, picture.size, 2, 0, &field) && field.value == 200);
    cr_expect(find(picture.bytes, picture.size, 3, 0, &field) && field.value == 3);
    cr_expect(find(picture.bytes, picture.size, 4, 0, &field) && field.size == sizeof png && memcmp(field.bytes, png, sizeof png) == 0);
    free(file);
    events_free(&events);
}

Test(events, sessions_have_files_of_their_own)
{
    struct events first = {0}, second = {0};
    const struct history_row row = {.epoch = 1};
    cr_assert_eq(events_add_row(folder_log, folder_file(""), &row, &first), NEPHOS_OK);
    cr_assert_eq(events_save(folder_log, &first), NEPHOS_OK);
    cr_assert_eq(events_add_row(folder_log, folder_file(""), &row, &second), NEPHOS_OK);
    cr_assert_eq(events_save(folder_log, &second), NEPHOS_OK);
    cr_expect_eq(folder_count(), 2);
    cr_expect_lt(strcmp(first.path, second.path), 0, "read in the order of their names");
    events_free(&first);
    events_free(&second);
}
