// SPDX-License-Identifier: MIT
// Gradient of a convolution's input: dy {n, ho, wo, o}, w {o, kh, kw, c / groups} to dx {n, size, c}. Attributes: those of
// conv2d, and size: h and w of dx, which the stride leaves open.
#include "op/convolution.h"
#include "op/convolution_matrix.h"
#include "op/convolution_software.h"
#include "op/convolution_winograd.h"
#include "op/gemm.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    const struct op_shape dy = info->in[0], w = info->in[1];
    const struct op_attr *attr = info->attr;
    TRY(op_expect_inputs(info, 2));
    info->out[0] = (struct op_shape){dy.n, attr->size[0], attr->size[1], w.c * (attr->groups ? attr->groups : 1)};
    info->out_count = 1;
    TRY(conv_check_pair(info, info->out[0], w, dy));
    TRY(conv_check_output(info));
fail:
    return status;
}

static const struct op_variant *const variants[] = {conv_software_dx, conv_winograd_dx, gemm_dx, conv_matrix_dx, NULL};

const struct op op_conv2d_dx = {
    .name = "conv2d_dx",
    .flags = OP_ACCUMULATES | OP_ODD_CHANNELS,
    .half_in = 1,
    .half_out = 1,
    .infer = infer,
    .record = conv_record_dx,
    .variants = variants,
    .flops = conv_flops_dx,
};
