// SPDX-License-Identifier: MIT
// Fully connected layer: x {n, 1, 1, c}, w {o, 1, 1, c}, optional bias {o} to y {n, 1, 1, o}. It is a convolution of 1x1 images;
// of the attributes none is read.
#include "op/convolution.h"
#include "op/convolution_matrix.h"
#include "op/convolution_software.h"
#include "op/gemm.h"

static enum nephos_status infer(struct op_infer *info)
{
    enum nephos_status status;
    TRY(conv_expect_operands(info, 3));
    const struct op_shape x = info->in[0], w = info->in[1];
    TRY(op_expect_shape(info, 0, "the input", (struct op_shape){x.n, 1, 1, x.c}));
    TRY(op_expect_shape(info, 1, "the weight", (struct op_shape){w.n, 1, 1, x.c}));
    TRY(conv_check(info, x, w, &info->out[0]));
    info->out_count = 1;
    TRY(conv_check_output(info));
fail:
    return status;
}

static const struct op_variant *const variants[] = {conv_software_forward, gemm_forward, conv_matrix_forward, NULL};

const struct op op_linear = {
    .name = "linear",
    .flags = OP_ACCUMULATES,
    .infer = infer,
    .record = conv_record_forward,
    .variants = variants,
    .grad = conv_grad,
    .flops = conv_flops_forward,
};
