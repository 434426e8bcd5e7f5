// SPDX-License-Identifier: MIT
// One self-contained page that puts training runs side by side. Plain facts in, a file out.
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/history.h"

#define COMPARE_MAX 8 // runs: as many lines as can be told apart

struct compare_run {
    const char *name;
    struct history history;
};
struct compare_setting { // one in which the runs differ
    const char *name;
    const char *values[COMPARE_MAX];
};
struct compare {
    const struct compare_run *runs;
    uint32_t run_count;
    const struct compare_setting *settings;
    uint32_t setting_count;
};

enum nephos_status compare_write(struct nephos_log *log, const char *path, const struct compare *compare);

#endif
