// SPDX-License-Identifier: MIT
// crop: the top left corner of x. crop_bwd(dy) -> dx, zero beside the corner. Attribute: size (of the result).
#include "op/geometry.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t *size = info->attr->size;
    TRY(op_expect_inputs(info, 1));
    if (size[0] > info->in[0].h || size[1] > info->in[0].w)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %ux%u can't be cut from %ux%u", info->label, size[0], size[1], info->in[0].h,
             info->in[0].w);
    TRY(op_spatial_output(info, size[0], size[1]));
fail:
    return status;
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t *size = info->attr->size;
    TRY(op_expect_inputs(info, 1));
    if (size[0] < info->in[0].h || size[1] < info->in[0].w)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: dy of %ux%u was not cut from %ux%u", info->label, info->in[0].h, info->in[0].w, size[0],
             size[1]);
    TRY(op_spatial_output(info, size[0], size[1]));
fail:
    return status;
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_fwd(stream, call, &shader_crop, false);
}

static void grad(struct op_grad *g)
{
    op_grad_spatial(g, "crop_bwd");
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    op_record_spatial_bwd(stream, call, &shader_crop_bwd, false);
}

const struct op op_crop = {.name = "crop", .infer = infer, .record = record, .grad = grad};
const struct op op_crop_bwd = {.name = "crop_bwd", .flags = OP_ACCUMULATES, .infer = infer_bwd, .record = record_bwd};
