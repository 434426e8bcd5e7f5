// SPDX-License-Identifier: MIT
// Geometry and its checks.
#include "op/convolution.h"

static uint32_t or_one(uint32_t value)
{
    return value ? value : 1;
}

enum nephos_status conv_expect_operands(const struct op_infer *info, uint32_t most)
{
    struct op_infer required = *info;
    if (info->in_count > 2 && info->in_count <= most) required.in_count = 2;
    return op_expect_inputs(&required, 2);
}

enum nephos_status conv_check_output(const struct op_infer *info)
{
    if (info->in_count > 2 && info->present[2]) {
        const enum nephos_status status = op_expect_shape(info, 2, "the bias", op_vector(info->out[0].c));
        if (status != NEPHOS_OK) return status;
    }
    return op_check_count(info, info->out[0]);
}

struct conv2d_push conv_geometry(const struct op_attr *attr, struct op_shape x, struct op_shape w, struct op_shape y)
{
    return (struct conv2d_push){
        .n = x.n,
        .xh = x.h, .xw = x.w, .xc = x.c,
        .yh = y.h, .yw = y.w, .yc = y.c,
        .kh = w.h, .kw = w.w,
        .sh = or_one(attr->stride[0]), .sw = or_one(attr->stride[1]),
        .ph = attr->pad[0], .pw = attr->pad[1],
        .dh = or_one(attr->dilation[0]), .dw = or_one(attr->dilation[1]),
        .groups = or_one(attr->groups),
        .splits = 1,
        .up = 1,
    };
}

struct op_shape conv_gathered(const struct op_attr *attr, struct op_shape x, struct op_shape skip)
{
    const uint32_t up = or_one(attr->upsample);
    return (struct op_shape){x.n, x.h * up, x.w * up, x.c + skip.c};
}

struct conv2d_push conv_gather_geometry(const struct op_attr *attr, struct op_shape x, struct op_shape skip, struct op_shape w,
                                        struct op_shape y)
{
    struct conv2d_push p = conv_geometry(attr, conv_gathered(attr, x, skip), w, y);
    p.skip_c = skip.c;
    p.up = or_one(attr->upsample);
    return p;
}

enum nephos_status conv_check_gather(const struct op_infer *info, uint32_t skip, struct op_shape *gathered)
{
    const bool present = info->in_count > skip && info->present[skip];
    const struct op_shape x = info->in[0], behind = present ? info->in[skip] : (struct op_shape){0};
    *gathered = conv_gathered(info->attr, x, behind);
    if (info->attr->upsample > 2 || (uint64_t)x.h * 2 > UINT32_MAX || (uint64_t)x.w * 2 > UINT32_MAX) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: enlarges %ux%u by %u; 1 and 2 are supported", info->label, x.h, x.w,
                         info->attr->upsample);
    }
    if ((present || info->attr->upsample > 1) && info->attr->groups > 1)
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: gathers its input, so it can't have groups", info->label);
    const enum nephos_status status = op_check_count(info, *gathered);
    if (status != NEPHOS_OK || !present) return status;
    return op_expect_shape(info, skip, "the skip", (struct op_shape){gathered->n, gathered->h, gathered->w, behind.c ? behind.c : 1});
}

double conv_geometry_flops(const struct conv2d_push *p)
{
    return 2.0 * p->n * p->yh * p->yw * p->yc * (p->xc / p->groups) * p->kh * p->kw;
}

static enum nephos_status check_channels(const struct op_infer *info, struct op_shape x, struct op_shape w)
{
    const struct op_attr *attr = info->attr;
    const uint32_t groups = or_one(attr->groups);
    if (w.c == 0 || x.c % groups || w.n % groups || x.c / groups != w.c) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: %u channels to %u in %u groups don't fit weights of %u channels per group",
                         info->label, x.c, w.n, groups, w.c);
    }
    if ((attr->kernel[0] && attr->kernel[0] != w.h) || (attr->kernel[1] && attr->kernel[1] != w.w)) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: the kernel is %ux%u but its weights are %ux%u", info->label,
                         attr->kernel[0], attr->kernel[1], w.h, w.w);
    }
    return NEPHOS_OK;
}

// The kernels compute with products of three of these.
static enum nephos_status check_attributes(const struct op_infer *info, struct op_shape w)
{
    const uint32_t most = 1024;
    const struct op_attr *attr = info->attr;
    for (int i = 0; i < 2; i++) {
        if (attr->stride[i] <= most && attr->pad[i] <= most && attr->dilation[i] <= most && (i ? w.w : w.h) <= most) continue;
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: kernel %u, stride %u, padding %u, dilation %u: at most %u is supported",
                         info->label, i ? w.w : w.h, attr->stride[i], attr->pad[i], attr->dilation[i], most);
    }
    return NEPHOS_OK;
}

// Extent of y along axis 0 (height) or 1 (width).
static enum nephos_status check_axis(const struct op_infer *info, int axis, uint32_t x, uint32_t kernel, uint32_t *y)
{
    const uint64_t stride = or_one(info->attr->stride[axis]), pad = info->attr->pad[axis], dilation = or_one(info->attr->dilation[axis]);
    const uint64_t padded = x + 2 * pad, reach = dilation * (kernel - 1) + 1;
    if (x == 0 || kernel == 0 || reach > padded) {
        return base_fail(info->log, NEPHOS_ERROR_ARGUMENT,
                         "%s: a kernel of %u (stride %u, padding %u, dilation %u) doesn't fit an input %s of %u", info->label, kernel,
                         (uint32_t)stride, (uint32_t)pad, (uint32_t)dilation, axis ? "width" : "height", x);
    }
    *y = (uint32_t)((padded - reach) / stride + 1);
    return NEPHOS_OK;
}

enum nephos_status conv_check_binding(const struct op_infer *info, const struct conv2d_push *p)
{
    const uint64_t weights = 4ull * p->yc * p->kh * p->kw * (p->xc / p->groups);
    if (conv_images_per_dispatch(info->limits, p) > 0 && weights <= info->limits->max_binding_size) return NEPHOS_OK;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT,
                     "%s: %ux%ux%u to %ux%ux%u (HWC) needs more than the %llu bytes a kernel may bind; use a smaller size", info->label,
                     p->xh, p->xw, p->xc, p->yh, p->yw, p->yc, (unsigned long long)info->limits->max_binding_size);
}

enum nephos_status conv_check(const struct op_infer *info, struct op_shape x, struct op_shape w, struct op_shape *y)
{
    enum nephos_status status = NEPHOS_OK;
    *y = (struct op_shape){.n = x.n, .c = w.n};
    TRY(check_channels(info, x, w));
    TRY(check_attributes(info, w));
    TRY(check_axis(info, 0, x.h, w.h, &y->h));
    TRY(check_axis(info, 1, x.w, w.w, &y->w));
    const struct conv2d_push geometry = conv_geometry(info->attr, x, w, *y);
    TRY(conv_check_binding(info, &geometry));
fail:
    return status;
}

enum nephos_status conv_check_pair(const struct op_infer *info, struct op_shape x, struct op_shape w, struct op_shape y)
{
    struct op_shape expected;
    const enum nephos_status status = conv_check(info, x, w, &expected);
    if (status != NEPHOS_OK || op_shape_equal(expected, y)) return status;
    return base_fail(info->log, NEPHOS_ERROR_ARGUMENT, "%s: a convolution of %ux%ux%ux%u gives %ux%ux%ux%u (NHWC), not %ux%ux%ux%u",
                     info->label, x.n, x.h, x.w, x.c, expected.n, expected.h, expected.w, expected.c, y.n, y.h, y.w, y.c);
}
