// SPDX-License-Identifier: MIT
// What a long call reports, as a bar on a terminal and as plain lines elsewhere.
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <nephos/nephos.h>

struct progress {
    double drawn;            // time of the last output, seconds of a monotonic clock
    double began;            // of the first report
    uint32_t first_epoch;    // of this call
    uint32_t best_epoch;     // 0: none in this call
    double best_dice;
};

// A nephos_progress_fn; `user` is a zeroed struct progress. Asks to stop after a signal.
bool progress_report(void *user, const struct nephos_progress *report);
// Removes the bar.
void progress_end(void);

#endif
