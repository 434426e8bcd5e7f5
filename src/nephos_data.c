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
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_rle_encode: needs a mask, a size and a place for the text; got %u x %u", height, width);
    char *encoded = data_rle_encode(mask, height, width);
    if (!encoded) return base_fail(log, NEPHOS_ERROR_MEMORY, "nephos_rle_encode: out of memory for a mask of %u x %u", height, width);
    *text = encoded;
    return NEPHOS_OK;
}
