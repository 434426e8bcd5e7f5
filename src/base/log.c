// SPDX-License-Identifier: MIT
// The log: a callback behind a mutex, and the newest error message.
#include "base/status.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nephos_log {
    nephos_log_fn fn;
    void *user;
    enum nephos_log_level level;
    pthread_mutex_t mutex;
    char last_error[2048];
};

enum nephos_status nephos_log_create(nephos_log_fn fn, void *user, enum nephos_log_level level, struct nephos_log **log)
{
    if (!log) return NEPHOS_ERROR_ARGUMENT;
    struct nephos_log *created = calloc(1, sizeof *created);
    if (!created) return NEPHOS_ERROR_MEMORY;
    created->fn = fn;
    created->user = user;
    created->level = level;
    pthread_mutex_init(&created->mutex, NULL);
    *log = created;
    return NEPHOS_OK;
}

void nephos_log_destroy(struct nephos_log **log)
{
    if (!log || !*log) return;
    pthread_mutex_destroy(&(*log)->mutex);
    free(*log);
    *log = NULL;
}

const char *nephos_last_error(const struct nephos_log *log)
{
    return log ? log->last_error : "";
}

static void emit(struct nephos_log *log, enum nephos_log_level level, const char *format, va_list arguments)
{
    if (!log) return;
    char message[sizeof log->last_error];
    vsnprintf(message, sizeof message, format, arguments);
    pthread_mutex_lock(&log->mutex);
    if (level == NEPHOS_LOG_ERROR) memcpy(log->last_error, message, sizeof message);
    if (log->fn && level <= log->level) log->fn(log->user, level, message);
    pthread_mutex_unlock(&log->mutex);
}

enum nephos_status base_fail(struct nephos_log *log, enum nephos_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    emit(log, NEPHOS_LOG_ERROR, format, arguments);
    va_end(arguments);
    return status;
}

void base_warn(struct nephos_log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    emit(log, NEPHOS_LOG_WARN, format, arguments);
    va_end(arguments);
}

void base_info(struct nephos_log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    emit(log, NEPHOS_LOG_INFO, format, arguments);
    va_end(arguments);
}

void base_debug(struct nephos_log *log, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    emit(log, NEPHOS_LOG_DEBUG, format, arguments);
    va_end(arguments);
}

const char *nephos_status_name(enum nephos_status status)
{
    switch (status) {
    case NEPHOS_OK: return "ok";
    case NEPHOS_ERROR: return "error";
    case NEPHOS_ERROR_ARGUMENT: return "bad argument";
    case NEPHOS_ERROR_DATA: return "bad input data";
    case NEPHOS_ERROR_NO_DEVICE: return "no usable device";
    case NEPHOS_ERROR_MEMORY: return "out of memory";
    case NEPHOS_ERROR_DEVICE_LOST: return "device lost";
    case NEPHOS_ERROR_CHECK: return "self test failed";
    case NEPHOS_ERROR_DIVERGED: return "training diverged";
    case NEPHOS_ERROR_FILE: return "file error";
    case NEPHOS_INTERRUPTED: return "interrupted";
    }
    return "unknown status";
}

void nephos_free(void *pointer)
{
    free(pointer);
}
