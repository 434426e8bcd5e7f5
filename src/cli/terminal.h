// SPDX-License-Identifier: MIT
// Standard error: messages, and one status line that is redrawn in place where standard error is a terminal.
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <nephos/nephos.h>

// Reads TERM and NO_COLOR; call once, before anything is written.
void terminal_init(void);
// True when a status line can be redrawn in place.
bool terminal_live(void);
int terminal_width(void);

// One line; the status line moves below it. Usable as nephos_log_fn.
void terminal_log(void *user, enum nephos_log_level level, const char *message);
void terminal_message(const char *format, ...) NEPHOS_PRINTF(1, 2);
void terminal_error(const char *format, ...) NEPHOS_PRINTF(1, 2);
// Replaces the status line; "" removes it. Does nothing when not live.
void terminal_status(const char *line);

#endif
