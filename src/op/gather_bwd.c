// SPDX-License-Identifier: MIT
// gather_bwd(d) -> dx, [dskip]: from the gradient of the input that a convolution gathers, those of its parts (conv2d.c), in one pass.
// Attributes: channels (of x), upsample. There is a second output where d has more channels than x.
#include "op/op.h"

#include "gather_bwd.h"
#include "shaders.h"

static enum nephos_status infer(struct op_infer *info)
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

static void record(struct gpu_stream *stream, const struct op_call *call)
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

const struct op op_gather_bwd = {.name = "gather_bwd", .flags = OP_ACCUMULATES, .infer = infer, .record = record};
