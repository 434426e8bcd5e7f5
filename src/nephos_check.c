// SPDX-License-Identifier: MIT
// Public entry point: the self test.
#include "check/check.h"
#include "nephos_internal.h"

enum nephos_status nephos_check(struct nephos_device *device, nephos_check_fn report, void *user)
{
    if (!device) return base_fail(NULL, NEPHOS_ERROR_ARGUMENT, "nephos_check: device is NULL");
    return check_run_all(device->gpu, false, report, user);
}
