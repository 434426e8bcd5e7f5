// SPDX-License-Identifier: MIT
// What convolutions round their operands to, on a device that may or may not have kernels for that.
#ifndef TRAIN_PRECISION_H
#define TRAIN_PRECISION_H

#include "gpu/gpu.h"
#include "train/setting.h"

// "fp32", "fp16", "bf16" or "auto"; NULL counts as fp32. `name` is what is so set, for the message.
enum nephos_status precision_parse(struct nephos_log *log, const char *name, const char *text, enum train_precision *precision);
// From what was asked for (maybe TRAIN_AUTO, whose outcome the log is told) to what will be used. NEPHOS_ERROR_ARGUMENT where the device
// or this build can't, and where kernels that round were asked for by name but not with a precision.
enum nephos_status precision_choose(struct gpu *gpu, enum train_precision wanted, enum train_precision *chosen);
// How activations are stored; TRAIN_AUTO: on a GPU as what `precision` (of precision_choose) is, on a CPU as floats.
enum gpu_type precision_storage(const struct gpu *gpu, enum train_precision wanted, enum train_precision precision);

#endif
