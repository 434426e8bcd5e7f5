// SPDX-License-Identifier: MIT
#include "report/events.h"

#include "base/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Field numbers of the messages.
enum { EVENT_TIME = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5, EVENT_SESSION = 7 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_NUMBER = 2, VALUE_IMAGE = 4 };
enum { IMAGE_HEIGHT = 1, IMAGE_WIDTH = 2, IMAGE_COLOURS = 3, IMAGE_BYTES = 4 };
enum { SESSION_STATUS = 1, SESSION_START = 1 };
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

uint32_t events_crc32c(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

// --- fields -----------------------------------------------------------------------------------------------------------

static void add_little(struct text *text, uint64_t value, uint32_t size)
{
    char bytes[8];
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = (char)(value >> 8 * i & 0xff);
    text_add_bytes(text, bytes, size);
}

static void add_varint(struct text *text, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        add_little(text, (value & 0x7f) | 0x80, 1);
    add_little(text, value, 1);
}

static void add_key(struct text *text, uint32_t field, uint32_t wire)
{
    add_varint(text, field << 3 | wire);
}

static void add_count(struct text *text, uint32_t field, uint64_t value)
{
    add_key(text, field, WIRE_VARINT);
    add_varint(text, value);
}

static void add_float(struct text *text, uint32_t field, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_key(text, field, WIRE_32);
    add_little(text, bits, sizeof bits);
}

static void add_double(struct text *text, uint32_t field, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_key(text, field, WIRE_64);
    add_little(text, bits, sizeof bits);
}

static void add_bytes(struct text *text, uint32_t field, const void *bytes, size_t size)
{
    add_key(text, field, WIRE_BYTES);
    add_varint(text, size);
    text_add_bytes(text, bytes, size);
}

// Takes the inner message, which is freed.
static void add_message(struct text *text, uint32_t field, struct text *inner)
{
    if (inner->failed)
        text->failed = true;
    else
        add_bytes(text, field, inner->bytes, inner->size);
    text_free(inner);
}

// --- frames -----------------------------------------------------------------------------------------------------------

// Checksums of checksums are weak, so the format stores them turned and moved.
static uint32_t masked_crc(const void *bytes, size_t size)
{
    const uint32_t crc = events_crc32c(bytes, size);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

static struct text event_open(void)
{
    struct text event = {0};
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    add_double(&event, EVENT_TIME, (double)now.tv_sec + 1e-9 * (double)now.tv_nsec);
    return event;
}

// A frame: length, its checksum, the event, its checksum. The event is freed.
static void event_close(struct events *events, struct text *event)
{
    struct text *out = &events->pending, length = {0};
    add_little(&length, event->size, 8);
    if (event->failed || length.failed) {
        out->failed = true;
    } else {
        text_add_bytes(out, length.bytes, length.size);
        add_little(out, masked_crc(length.bytes, length.size), 4);
        text_add_bytes(out, event->bytes, event->size);
        add_little(out, masked_crc(event->bytes, event->size), 4);
    }
    text_free(&length);
    text_free(event);
}

static void add_start(struct events *events, uint32_t step)
{
    struct text event = event_open(), session = {0};
    add_bytes(&event, EVENT_VERSION, "brain.Event:2", 13);
    event_close(events, &event);
    event = event_open();
    add_count(&event, EVENT_STEP, step);
    add_count(&session, SESSION_STATUS, SESSION_START);
    add_message(&event, EVENT_SESSION, &session);
    event_close(events, &event);
}

// TensorBoard reads the files of a folder in the order of their names: the second first, then a number for sessions within one.
static enum nephos_status start(struct nephos_log *log, const char *folder, uint32_t step, struct events *events)
{
    const unsigned long long now = (unsigned long long)time(NULL);
    for (uint32_t i = 0; !events->path; i++) {
        events->path = base_format("%s/events.out.tfevents.%010llu.%03u.nephos", folder, now, i);
        if (!events->path) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for events", folder);
        if (base_file_exists(events->path)) {
            free(events->path);
            events->path = NULL;
        }
    }
    add_start(events, step);
    return NEPHOS_OK;
}

static enum nephos_status need_file(struct nephos_log *log, const char *folder, uint32_t step, struct events *events)
{
    return events->path ? NEPHOS_OK : start(log, folder, step, events);
}

// --- what is told -----------------------------------------------------------------------------------------------------

// "val_dice" is shown in the group "val".
static void add_tag(struct text *value, const char *name)
{
    static const char *const groups[] = {"train_", "val_"};
    char tag[64];
    snprintf(tag, sizeof tag, "%s", name);
    for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
        const size_t length = strlen(groups[i]);
        if (strncmp(tag, groups[i], length) == 0) tag[length - 1] = '/';
    }
    add_bytes(value, VALUE_TAG, tag, strlen(tag));
}

enum nephos_status events_add_row(struct nephos_log *log, const char *folder, const struct history_row *row, struct events *events)
{
    const enum nephos_status status = need_file(log, folder, row->epoch, events);
    if (status != NEPHOS_OK) return status;
    struct text event = event_open(), summary = {0};
    double number;
    const char *name;
    for (uint32_t i = 0; (name = history_column(row, i, &number)); i++) {
        struct text value = {0};
        if (isnan(number)) continue; // not measured
        add_tag(&value, name);
        add_float(&value, VALUE_NUMBER, (float)number);
        add_message(&summary, SUMMARY_VALUE, &value);
    }
    add_count(&event, EVENT_STEP, row->epoch);
    add_message(&event, EVENT_SUMMARY, &summary);
    event_close(events, &event);
    return NEPHOS_OK;
}

enum nephos_status events_add_image(struct nephos_log *log, const char *folder, uint32_t step, const struct events_image *image,
                                    struct events *events)
{
    const enum nephos_status status = need_file(log, folder, step, events);
    if (status != NEPHOS_OK) return status;
    struct text event = event_open(), summary = {0}, value = {0}, picture = {0};
    add_count(&picture, IMAGE_HEIGHT, image->height);
    add_count(&picture, IMAGE_WIDTH, image->width);
    add_count(&picture, IMAGE_COLOURS, 3);
    add_bytes(&picture, IMAGE_BYTES, image->png, image->size);
    add_bytes(&value, VALUE_TAG, image->tag, strlen(image->tag));
    add_message(&value, VALUE_IMAGE, &picture);
    add_message(&summary, SUMMARY_VALUE, &value);
    add_count(&event, EVENT_STEP, step);
    add_message(&event, EVENT_SUMMARY, &summary);
    event_close(events, &event);
    return NEPHOS_OK;
}

enum nephos_status events_save(struct nephos_log *log, struct events *events)
{
    struct text *pending = &events->pending;
    if (pending->failed) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for events", events->path);
    if (pending->size == 0) return NEPHOS_OK;
    const enum nephos_status status = base_file_append(log, events->path, pending->bytes, pending->size);
    if (status == NEPHOS_OK) pending->size = 0;
    return status;
}

void events_free(struct events *events)
{
    free(events->path);
    text_free(&events->pending);
    *events = (struct events){0};
}
