// SPDX-License-Identifier: MIT
// upsample_bilinear: x at another size, pixels taken as areas (corners not aligned). upsample_bilinear_bwd(dy) -> dx.
// Attribute: size (of the result), any.
#include "op/geometry.h"
#include "shaders.h"

#define MAX_SIZE 32768 // lib/bilinear.glsl

static enum nephos_status check_size(const struct op_infer *info, uint32_t h, uint32_t w)
{
    if (h <= MAX_SIZE && w <= MAX_SIZE) return NEPHOS_OK;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %ux%u is more than %d pixels high or wide", info->label, h, w, MAX_SIZE);
}

// For both passes: any size maps to any other.
static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t *size = info->attr->size;
    TRY(op_expect_inputs(info, 1));
    TRY(check_size(info, info->in[0].h, info->in[0].w));
    TRY(check_size(info, size[0], size[1]));
    TRY(op_spatial_output(info, size[0], size[1]));
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_fwd(stream, call, &shader_upsample_bilinear, false);
}

static void grad(struct op_grad *g)
{
    op_grad_spatial(g, "upsample_bilinear_bwd");
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_bwd(stream, call, &shader_upsample_bilinear_bwd, false);
}

const struct op op_upsample_bilinear = {.name = "upsample_bilinear", .flags = OP_CHEAP, .infer = infer, .record = record, .grad = grad};
const struct op op_upsample_bilinear_bwd = {.name = "upsample_bilinear_bwd", .flags = OP_ACCUMULATES, .infer = infer, .record = record_bwd};
