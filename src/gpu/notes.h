// SPDX-License-Identifier: MIT
// Notes about a device; the calls for the layers above are in gpu.h.
#ifndef GPU_NOTES_H
#define GPU_NOTES_H

#include "gpu/device.h"

// Reads what earlier processes noted; without a folder notes live as long as the device. A file that can't be read is ignored.
enum nephos_status gpu_notes_open(struct gpu *gpu, const char *dir);
void gpu_notes_close(struct gpu *gpu);

#endif
