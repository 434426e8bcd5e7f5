// SPDX-License-Identifier: MIT
// A file that one process at a time holds. The kernel lets go of it when the process ends, however it does, so none is ever stale.
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/status.h"

struct base_lock;
// Makes `path` and locks it; *lock is NULL where the file system knows no locks (a warning). NEPHOS_ERROR_ARGUMENT where another handle,
// of this process or another, holds it: "`what` is in use by process N".
enum nephos_status base_lock_take(struct nephos_log *log, const char *path, const char *what, struct base_lock **lock);
// Removes the file. Releasing NULL is allowed.
void base_lock_release(struct base_lock **lock);

#endif
