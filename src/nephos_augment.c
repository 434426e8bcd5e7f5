// SPDX-License-Identifier: MIT
// Public entry point of the contact sheet.
#include "nephos_internal.h"
#include "train/augment_sheet.h"

#define MOST 64 // images, and variants of each

enum nephos_status nephos_augment_sheet(struct nephos_device *device, const struct nephos_config *config,
                                        const struct nephos_augment_params *params)
{
    if (!device || !config || !params || !params->out || !*params->out)
        return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT,
                         "nephos_augment_sheet: needs a device, settings and a file to write");
    struct nephos_augment_params full = *params;
    if (full.images == 0) full.images = 4;
    if (full.variants == 0) full.variants = 6;
    if (full.images > MOST || full.variants > MOST)
        return base_fail(device->log, NEPHOS_ERROR_ARGUMENT, "nephos_augment_sheet: %u images in %u variants; at most %d of each",
                         full.images, full.variants, MOST);
    return augment_sheet(device->gpu, config, &full);
}
