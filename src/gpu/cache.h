// SPDX-License-Identifier: MIT
// The driver's compiled pipelines on disk. A cache never causes a failure: what can't be used is made anew.
#ifndef GPU_CACHE_H
#define GPU_CACHE_H

#include "gpu/device.h"

// Makes gpu->cache, filled from `dir` (NULL: empty, never saved).
enum nephos_status gpu_cache_open(struct gpu *gpu, const char *dir);
// Writes the cache back if it has grown.
void gpu_cache_save(struct gpu *gpu);
void gpu_cache_close(struct gpu *gpu);

// Path of a file about this device in the cache folder; NULL when memory is out.
char *gpu_cache_path(const struct gpu *gpu, const char *dir, const char *what, const char *extension);
// Makes the folder that `path` lies in.
enum nephos_status gpu_cache_make_folder(const char *path);

#endif
