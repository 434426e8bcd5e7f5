// SPDX-License-Identifier: MIT
#include "signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int number)
{
    static const char text[] = "\nstopping after this step; once more to stop at once\n";
    (void)number;
    stop_asked = 1;
    // write is the only output that is safe here, and there is nothing to do when it fails.
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) return;
}

void signals_catch(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool signals_stop_asked(void) { return stop_asked != 0; }
