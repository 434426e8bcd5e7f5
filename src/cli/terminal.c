// SPDX-License-Identifier: MIT
#include "terminal.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define RED "\033[31m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"
#define CLEAR_LINE "\r\033[K"

static bool live, colour;
static char status_line[512];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; // messages come from loader threads too

void terminal_init(void)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    live = isatty(STDERR_FILENO) && term && strcmp(term, "dumb");
    colour = live && !(no_colour && *no_colour);
}

bool terminal_live(void) { return live; }

int terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || size.ws_col < 20) return 80;
    return size.ws_col;
}

static void write_line(const char *paint, const char *label, const char *text)
{
    pthread_mutex_lock(&mutex);
    if (*status_line) fputs(CLEAR_LINE, stderr);
    fprintf(stderr, "%s%s%s%s\n", colour ? paint : "", label, colour && *paint ? PLAIN : "", text);
    if (*status_line) fputs(status_line, stderr);
    fflush(stderr);
    pthread_mutex_unlock(&mutex);
}

void terminal_log(void *user, enum nephos_log_level level, const char *message)
{
    (void)user;
    if (level == NEPHOS_LOG_ERROR) write_line(RED, "error: ", message);
    else if (level == NEPHOS_LOG_WARN) write_line(YELLOW, "warning: ", message);
    else write_line("", "", message);
}

void terminal_message(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line("", "", text);
}

void terminal_error(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(RED, "error: ", text);
}

void terminal_status(const char *line)
{
    if (!live) return;
    pthread_mutex_lock(&mutex);
    // A line as wide as the terminal would wrap and could not be cleared.
    snprintf(status_line, sizeof status_line, "%.*s", terminal_width() - 1, line);
    fprintf(stderr, CLEAR_LINE "%s", status_line);
    fflush(stderr);
    pthread_mutex_unlock(&mutex);
}
