// SPDX-License-Identifier: MIT
// Status codes inside the library, and the one way to report a failure.
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <nephos/nephos.h>

// Formats the message, keeps it as the log's last error, calls the log's callback, and returns `status`.
// Called once, at the place of detection; callers above only pass the status on. `log` may be NULL.
enum nephos_status base_fail(struct nephos_log *log, enum nephos_status status, const char *format, ...) NEPHOS_PRINTF(3, 4);

// Messages that are no failure.
void base_warn(struct nephos_log *log, const char *format, ...) NEPHOS_PRINTF(2, 3);
void base_info(struct nephos_log *log, const char *format, ...) NEPHOS_PRINTF(2, 3);
void base_debug(struct nephos_log *log, const char *format, ...) NEPHOS_PRINTF(2, 3);

// For functions with a local `enum nephos_status status` and a single `fail:` label.
#define TRY(expression)                              \
    do {                                             \
        status = (expression);                       \
        if (status != NEPHOS_OK) goto fail;          \
    } while (0)

#define FAIL(log, code, ...)                         \
    do {                                             \
        status = base_fail((log), (code), __VA_ARGS__); \
        goto fail;                                   \
    } while (0)

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
