// SPDX-License-Identifier: MIT
// upsample_concat(x, skip) -> y: x enlarged by attr.upsample (nearest), then the channels of skip, in one tensor that convolutions read.
// gather_bwd(d) -> dx, [dskip]: from the gradient of what was made so, or of the input that a convolution gathers (conv2d.c), those of
// its parts. Attributes: channels (of x), upsample. There is a second output where d has more channels than x.
#include "op/channels.h"
#include "op/geometry.h"
#include "op/software.h"

#include "gather_bwd.h"
#include "shaders.h"

static struct op_attr with_factor(const struct op_attr *attr)
{
    const uint32_t up = attr->upsample ? attr->upsample : 1;
    return (struct op_attr){.stride = {up, up}}; // as the kernels of upsample_nearest take it
}

// --- forward ----------------------------------------------------------------------------------------------------------

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t up = with_factor(info->attr).stride[0];
    TRY(op_expect_inputs(info, 2));
    const struct op_shape x = info->in[0], skip = info->in[1];
    TRY(op_spatial_output(info, x.h * up, x.w * up));
    TRY(op_expect_shape(info, 1, "the skip", (struct op_shape){x.n, x.h * up, x.w * up, skip.c}));
    info->out[0].c = x.c + skip.c;
    TRY(op_check_count(info, info->out[0]));
fail:
    return status;
}

static struct op_channels skip_channels(const struct op_call *call)
{
    return (struct op_channels){&call->in[1], &call->out[0], 0, call->in[0].shape.c, call->in[1].shape.c};
}

static void enlarge(struct gpu_stream *stream, const struct op_call *call, bool software)
{
    const struct op_attr attr = with_factor(call->attr);
    struct op_call inner = *call;
    inner.attr = &attr;
    inner.in_count = 1;
    op_record_spatial_fwd(stream, &inner, OP_COLUMNS_SHADER(upsample_nearest, software), software);
}

static void record(struct gpu_stream *stream, const struct op_call *call)
{
    enlarge(stream, call, false);
    op_record_slice_c(stream, call, skip_channels(call));
}

static bool offer_software(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return op_columns_software(info->limits, info->in[0]) && op_offer_slice_c(info->limits, info->in[1], info->in[1].c);
}

static void record_software(struct gpu_stream *stream, const struct op_call *call)
{
    enlarge(stream, call, true);
    op_record_slice_c_software(stream, call, skip_channels(call));
}

static void grad(struct op_grad *g)
{
    const struct op_attr attr = {.channels = g->in_shape[0].c, .upsample = g->attr->upsample};
    if (!g->want[0] && !g->want[1]) return;
    g->emit(g, "gather_bwd", &attr, &g->dout[0], 1, (int[]){g->want[0] ? 0 : -1, g->want[1] ? 1 : -1}, 2, NULL);
}

const struct op op_upsample_concat = {
    .name = "upsample_concat",
    .flags = OP_CHEAP,
    .half_in = 1 | 1 << 1,
    .half_out = 1,
    .infer = infer,
    .record = record,
    .variants = OP_SOFTWARE(offer_software, record_software),
    .grad = grad,
};

// --- backward ---------------------------------------------------------------------------------------------------------

static enum nephos_status infer_bwd(struct op_infer *info)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(op_expect_inputs(info, 1));
    const struct op_shape d = info->in[0];
    const uint32_t near_c = info->attr->channels, up = info->attr->upsample ? info->attr->upsample : 1;
    if (near_c == 0 || near_c > d.c || d.h % up || d.w % up)
        FAIL(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %ux%ux%u (HWC) can't have been made of %u channels, enlarged by %u", info->label, d.h,
             d.w, d.c, near_c, up);
    info->out_count = d.c > near_c ? 2 : 1;
    info->out[0] = (struct op_shape){d.n, d.h / up, d.w / up, near_c};
    info->out[1] = (struct op_shape){d.n, d.h, d.w, d.c - near_c};
fail:
    return status;
}

static void record_bwd(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_shape d = call->in[0].shape, x = call->out[0].shape;
    const struct gather_bwd_push push = {
        .count = x.n * x.h * x.w * d.c,
        .w = x.w,
        .near_c = x.c,
        .skip_c = d.c - x.c,
        .up = d.w / x.w,
    };
    // Not a dummy for what the kernel may write: those are shared.
    const struct gpu_range ranges[] = {call->in[0].range, call->out[0].range, call->out[push.skip_c ? 1 : 0].range};
    double bytes = (double)op_bytes(d);
    for (uint32_t i = 0; i < call->out_count; i++) bytes += (double)op_bytes(call->out[i].shape) * (1 + (call->accumulate >> i & 1));
    op_dispatch_1d(stream, call, &shader_gather_bwd, &call->accumulate, 1, ranges, ARRAY_COUNT(ranges), &push, sizeof push, push.count,
                   (double)op_count(d), bytes);
}

static bool offer_bwd_software(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    const bool skip = info->out_count > 1;
    return op_columns_software(info->limits, info->out[0]) && (!skip || op_offer_slice_c(info->limits, info->out[1], info->out[1].c));
}

// One part after the other: they share no memory of d.
static void record_bwd_software(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_attr attr = with_factor(call->attr);
    struct op_call near = *call, skip = *call;
    near.attr = &attr;
    op_record_spatial_bwd(stream, &near, &shader_upsample_nearest_bwd_software, true);
    if (call->out_count < 2) return;
    const uint32_t near_c = call->out[0].shape.c;
    skip.accumulate = call->accumulate >> 1;
    op_record_slice_c_software(stream, &skip, (struct op_channels){&call->in[0], &call->out[1], near_c, 0, call->out[1].shape.c});
}

const struct op op_gather_bwd = {
    .name = "gather_bwd",
    .flags = OP_ACCUMULATES,
    .half_in = 1,
    .half_out = 1 | 1 << 1,
    .infer = infer_bwd,
    .record = record_bwd,
    .variants = OP_SOFTWARE(offer_bwd_software, record_bwd_software),
};
