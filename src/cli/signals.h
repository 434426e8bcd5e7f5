// SPDX-License-Identifier: MIT
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdbool.h>

// From now on the first Ctrl-C or SIGTERM only asks to stop; the second ends the program at once.
void signals_catch(void);
bool signals_stop_asked(void);

#endif
