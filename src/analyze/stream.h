// SPDX-License-Identifier: MIT
// Threads measure the samples of a set; the measures come in the order of the samples, and only a few exist at a time.
#ifndef ANALYZE_STREAM_H
#define ANALYZE_STREAM_H

#include "analyze/measure.h"

// Takes the measure of one sample (and may take its defects); called by the thread that called stream_run. Not NEPHOS_OK: ends the stream.
typedef enum nephos_status (*stream_fn)(void *user, uint32_t sample, struct measure *measure);

// `threads`: 0: one per processor.
enum nephos_status stream_run(struct nephos_log *log, const struct data_set *set, uint32_t threads, stream_fn take, void *user);

#endif
