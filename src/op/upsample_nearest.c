// SPDX-License-Identifier: MIT
// upsample_nearest: every pixel becomes a block of equal pixels. upsample_nearest_bwd(dy) -> dx sums the blocks up.
// Attribute: size (of the result), a multiple of the operand's.
#include "op/geometry.h"
#include "op/software.h"
#include "shaders.h"

static enum nephos_status check_multiple(const struct op_infer *info, const uint32_t large[2], const uint32_t small[2])
{
    if (large[0] % small[0] == 0 && large[1] % small[1] == 0) return NEPHOS_OK;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %ux%u is no multiple of %ux%u", info->label, large[0], large[1], small[0],
                     small[1]);
}

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t *size = info->attr->size;
    TRY(op_expect_inputs(info, 1));
    TRY(op_spatial_output(info, size[0], size[1]));
    TRY(check_multiple(info, size, (const uint32_t[]){info->in[0].h, info->in[0].w}));
fail:
    return status;
}

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t *size = info->attr->size;
    TRY(op_expect_inputs(info, 1));
    TRY(op_spatial_output(info, size[0], size[1]));
    TRY(check_multiple(info, (const uint32_t[]){info->in[0].h, info->in[0].w}, size));
fail:
    return status;
}

// The kernels take the factor as the stride.
static struct op_attr with_factor(struct op_shape x, struct op_shape y)
{
    return (struct op_attr){.stride = {y.h / x.h, y.w / x.w}};
}

static void record_by(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    const struct op_attr attr = with_factor(call->in[0].shape, call->out[0].shape);
    struct op_call inner = *call;
    inner.attr = &attr;
    op_record_spatial_fwd(stream, &inner, OP_COLUMNS_SHADER(upsample_nearest, software), software);
}

static void record(struct gpu_stream *stream, const struct op_call *call) { record_by(stream, call, false); }
static void record_software(struct gpu_stream *stream, const struct op_call *call) { record_by(stream, call, true); }

static void grad(struct op_grad *g)
{
    op_grad_spatial(g, "upsample_nearest_bwd");
}

static void record_bwd_by(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    const struct op_attr attr = with_factor(call->out[0].shape, call->in[0].shape);
    struct op_call inner = *call;
    inner.attr = &attr;
    op_record_spatial_bwd(stream, &inner, OP_COLUMNS_SHADER(upsample_nearest_bwd, software), software);
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call) { record_bwd_by(stream, call, false); }
static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call) { record_bwd_by(stream, call, true); }

const struct op op_upsample_nearest = {
    .name = "upsample_nearest",
    .flags = OP_CHEAP,
    .half_in = 1,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(op_offer_spatial, record_software),
    .grad = grad,
};
const struct op op_upsample_nearest_bwd = {
    .name = "upsample_nearest_bwd",
    .flags = OP_ACCUMULATES,
    .half_in = 1,
    .half_out = 1,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(op_offer_spatial, record_bwd_software),
};
