// SPDX-License-Identifier: MIT
// Public entry points of the data side: arguments are checked here, the work is done in src/data.
#include "data/data.h"

enum nephos_status nephos_rle_decode(struct nephos_log *log, const char *text, uint32_t height, uint32_t width, uint8_t *mask)
{
    if (!text || !mask || height == 0 || width == 0)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_rle_decode: needs a text, a mask and a size; got %u x %u", height, width);
    return data_rle_decode(log, "run-length code", text, height, width, mask);
}

enum nephos_status nephos_rle_encode(struct nephos_log *log, const uint8_t *mask, uint32_t height, uint32_t width, char **text)
{
    if (!text || !mask || height == 0 || width == 0)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_rle_encode: needs a mask, a size and a place for the text; got %u x %u",
                         height, width);
    char *encoded = data_rle_encode(mask, height, width);
    if (!encoded) return base_fail(log, NEPHOS_ERROR_MEMORY, "nephos_rle_encode: out of memory for a mask of %u x %u", height, width);
    *text = encoded;
    return NEPHOS_OK;
}

enum { SYNTH_LEAST = 16, SYNTH_MOST = 16384, SYNTH_IMAGES = 1000000 };

static bool side_allowed(uint32_t side)
{
    return side >= SYNTH_LEAST && side <= SYNTH_MOST;
}

enum nephos_status nephos_synth(struct nephos_log *log, const struct nephos_synth_params *params)
{
    if (!params || !params->out_dir || !*params->out_dir)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_synth: needs a folder to write to");
    struct nephos_synth_params full = *params;
    if (full.images == 0) full.images = 64;
    if (full.height == 0) full.height = 128;
    if (full.width == 0) full.width = 192;
    if (full.images < 2 || full.images > SYNTH_IMAGES)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_synth: %u images; 2 to %d are allowed", full.images, SYNTH_IMAGES);
    if (!side_allowed(full.height) || !side_allowed(full.width))
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_synth: images of %u x %u; each side may have %d to %d pixels", full.height,
                         full.width, SYNTH_LEAST, SYNTH_MOST);
    return data_synth(log, &full);
}
