// SPDX-License-Identifier: MIT
// report.html: one self-contained page about a run. Plain facts in, a file out.
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/history.h"

struct report_fact {
    const char *name, *value; // "Encoder", "resnet34, width 64"
};
struct report_facts {
    const char *title; // "Model", "Data", "Training", "Device"
    const struct report_fact *facts;
    uint32_t count;
};
struct report_example { // one validation image
    const char *name;
    uint32_t height, width;
    const uint8_t *rgb;                // [height * width * 3]
    const uint8_t *truth, *prediction; // labels as in overlay.h
    double dice;                       // mean over the classes; NAN: not shown
};
enum report_state { REPORT_ENDED, REPORT_GOES_ON, REPORT_STOPPED }; // while training goes on, the page reloads itself
struct report {
    const char *title;    // "clouds-1"
    const char *subtitle; // "U-Net on ResNet-34, 256 x 384, 4 classes"
    const struct report_facts *facts; // groups, in the order they are shown
    uint32_t fact_count;
    const struct history *history;
    const struct nephos_scores *scores; // of the best model on the validation split; NULL: not shown
    const char *const *classes;
    uint32_t class_count;
    bool exclusive;
    const struct report_example *examples;
    uint32_t example_count;
    enum report_state state;
};

enum nephos_status report_write(struct nephos_log *log, const char *path, const struct report *report);

#endif
