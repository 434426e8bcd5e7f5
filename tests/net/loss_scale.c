// SPDX-License-Identifier: MIT
// A scaled loss: gradients carry the scale, the optimizer takes it out again, skips steps that overflow, and adapts it.
#include "common/device.h"
#include "grad_norm.h"
#include "net/net.h"
#include "net/tune.h"
#include "op/convolution_matrix.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define COUNT 8

struct fixture {
    struct gpu *gpu;
    struct net_graph *graph;
    struct net_store *store;
    struct net_exec *exec;
    op_id x;
    float x_scale;
};

// loss = 0.5 * sum of x * p, over a linear layer with one output: the gradient of p is x / 2, times the share of a part.
static void setup_part(struct fixture *f, bool scaled, const char *kernels, float share)
{
    const struct net_optimizer optimizer = {.op = "adam", .attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f}};
    *f = (struct fixture){.gpu = test_gpu_with((struct nephos_device_params){.kernels = kernels}), .x_scale = 1};
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(f->gpu), true, &f->graph), NEPHOS_OK);
    f->x = net_input(f->graph, op_vector(COUNT));
    const op_id in[2] = {f->x, net_param(f->graph, "p", op_vector(COUNT), NET_LAYOUT_MATRIX, NET_INIT_XAVIER)};
    const op_id y = net_add(f->graph, "linear", "linear", NULL, in, 2, NULL);
    const op_id loss = net_add(f->graph, "weighted_sum", "loss", &(struct op_attr){.weights = {0.5f}}, &y, 1, NULL);
    if (scaled) net_scale_loss(f->graph);
    const enum nephos_status status = share < 1 ? net_gradient_part(f->graph, loss, share) : net_gradient(f->graph, loss);
    cr_assert_eq(status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_tune(f->gpu, f->graph), NEPHOS_OK);
    cr_assert_eq(net_store_create(f->gpu, f->graph, &f->store), NEPHOS_OK);
    cr_assert_eq(net_store_train(f->store, 2), NEPHOS_OK);
    cr_assert_eq(net_store_init(f->store, 7), NEPHOS_OK);
    cr_assert_eq(net_exec_create(f->gpu, f->graph, f->store, &optimizer, "scaled", &f->exec), NEPHOS_OK, "%s",
                 nephos_last_error(test_log()));
}

static void setup_with(struct fixture *f, bool scaled, const char *kernels)
{
    setup_part(f, scaled, kernels, 1);
}

static void setup(struct fixture *f, bool scaled)
{
    setup_with(f, scaled, "baseline");
}

static void teardown(struct fixture *f)
{
    net_exec_destroy(&f->exec);
    net_store_destroy(&f->store);
    net_graph_destroy(&f->graph);
    gpu_close(&f->gpu);
}

static float get(const struct fixture *f, const char *name)
{
    float value;
    cr_assert_eq(gpu_download(f->gpu, net_store_values(f->store, net_store_find(f->store, name)), &value), NEPHOS_OK);
    return value;
}

static void set(const struct fixture *f, const char *name, float value)
{
    cr_assert_eq(gpu_upload(f->gpu, net_store_values(f->store, net_store_find(f->store, name)), &value), NEPHOS_OK);
}

// Values, then moments of the parameter.
static void get_state(const struct fixture *f, float state[3 * COUNT])
{
    cr_assert_eq(gpu_download(f->gpu, net_store_values(f->store, 0), state), NEPHOS_OK);
    cr_assert_eq(gpu_download(f->gpu, net_store_moments(f->store, 0), state + COUNT), NEPHOS_OK);
}

// What is submitted is one part of a step; what clip_scale found comes back with the last.
static const float *step_part(struct fixture *f, uint32_t ends)
{
    float *x = net_exec_input(f->exec, 0, f->x);
    for (int i = 0; i < COUNT; i++) x[i] = f->x_scale * (float)(i + 1);
    *net_exec_step(f->exec, 0) = (struct step_values){.count = 1, .lr = 0.01f, .bias_correction1 = 0.1f, .bias_correction2 = 0.001f};
    cr_assert_eq(net_exec_submit_part(f->exec, 0, ends), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_wait(f->exec, 0), NEPHOS_OK);
    return net_exec_grad_norm(f->exec, 0);
}

static const float *step(struct fixture *f)
{
    return step_part(f, NET_FIRST | NET_LAST);
}

// The scale is a power of two: it changes no bit of what the optimizer sees.
Test(loss_scale, leaves_a_good_step_as_it_is)
{
    struct fixture f;
    float plain[3 * COUNT], scaled[3 * COUNT];
    setup(&f, false);
    const float norm = step(&f)[1];
    get_state(&f, plain);
    teardown(&f);
    setup(&f, true);
    const float *found = step(&f);
    cr_expect_eq(found[1], norm);
    cr_expect_eq(found[2], 1);
    cr_expect_eq(found[3], (float)LOSS_SCALE_START);
    get_state(&f, scaled);
    cr_expect_arr_eq(scaled, plain, sizeof plain);
    cr_expect_eq(get(&f, NET_LOSS_SCALE), (float)LOSS_SCALE_START);
    cr_expect_eq(get(&f, NET_LOSS_SCALE_STEPS), 1);
    teardown(&f);
}

Test(loss_scale, an_overflow_changes_nothing_but_the_scale)
{
    struct fixture f;
    float before[3 * COUNT], after[3 * COUNT];
    setup(&f, true);
    step(&f); // so that there are moments
    get_state(&f, before);
    set(&f, NET_LOSS_SCALE, 0x1p127f);
    cr_expect_eq(step(&f)[2], 0);
    get_state(&f, after);
    cr_expect_arr_eq(after, before, sizeof before);
    cr_expect_eq(get(&f, NET_LOSS_SCALE), 0x1p126f);
    cr_expect_eq(get(&f, NET_LOSS_SCALE_STEPS), 0);
    // Halved at every step until it fits again, without the host.
    int steps = 0;
    while (step(&f)[2] == 0) cr_assert_lt(++steps, 127);
    get_state(&f, after);
    cr_expect_arr_neq(after, before, sizeof before);
    cr_expect_eq(get(&f, NET_LOSS_SCALE_STEPS), 1);
    teardown(&f);
}

Test(loss_scale, rises_after_enough_good_steps)
{
    struct fixture f;
    setup(&f, true);
    set(&f, NET_LOSS_SCALE_STEPS, (float)LOSS_SCALE_STEPS - 2);
    step(&f);
    cr_expect_eq(get(&f, NET_LOSS_SCALE), (float)LOSS_SCALE_START);
    cr_expect_eq(step(&f)[3], (float)LOSS_SCALE_START, "this step still has the old one");
    cr_expect_eq(get(&f, NET_LOSS_SCALE), 2 * (float)LOSS_SCALE_START);
    cr_expect_eq(get(&f, NET_LOSS_SCALE_STEPS), 0);
    teardown(&f);
}

Test(loss_scale, does_not_rise_for_ever)
{
    struct fixture f;
    setup(&f, true);
    set(&f, NET_LOSS_SCALE, (float)LOSS_SCALE_MOST);
    set(&f, NET_LOSS_SCALE_STEPS, (float)LOSS_SCALE_STEPS - 1);
    step(&f);
    cr_expect_eq(get(&f, NET_LOSS_SCALE), (float)LOSS_SCALE_MOST);
    teardown(&f);
}

// Half the gradient twice, and the scale is a power of two: the bits of the whole.
static void check_halves_of_a_step(const char *kernels)
{
    struct fixture f;
    float whole[3 * COUNT], parts[3 * COUNT];
    setup_part(&f, true, kernels, 1);
    const float norm = step(&f)[1];
    get_state(&f, whole);
    teardown(&f);
    setup_part(&f, true, kernels, 0.5f);
    step_part(&f, NET_FIRST);
    const float *found = step_part(&f, NET_LAST);
    cr_expect_eq(found[1], norm);
    cr_expect_eq(found[2], 1);
    get_state(&f, parts);
    cr_expect_arr_eq(parts, whole, sizeof whole);
    cr_expect_eq(get(&f, NET_LOSS_SCALE), (float)LOSS_SCALE_START);
    cr_expect_eq(get(&f, NET_LOSS_SCALE_STEPS), 1, "a step counts once, whatever its parts");
    teardown(&f);
}

Test(loss_scale, parts_give_the_whole_step) { check_halves_of_a_step("baseline"); }
Test(loss_scale, parts_give_the_whole_step_by_matrices) { check_halves_of_a_step("matrix"); }

// Whichever part it comes in: what is added up stays infinite, or becomes NaN, until the next step clears it.
static void check_overflow_in_part(int bad)
{
    struct fixture f;
    float before[3 * COUNT], after[3 * COUNT];
    setup_part(&f, true, "baseline", 0.5f);
    step_part(&f, NET_FIRST);
    step_part(&f, NET_LAST);
    get_state(&f, before);
    const float *found = NULL;
    for (int part = 0; part < 2; part++) {
        f.x_scale = part == bad ? 1e35f : 1;
        found = step_part(&f, part == 0 ? NET_FIRST : NET_LAST);
    }
    cr_expect_eq(found[2], 0);
    get_state(&f, after);
    cr_expect_arr_eq(after, before, sizeof before);
    cr_expect_eq(get(&f, NET_LOSS_SCALE), 0.5f * (float)LOSS_SCALE_START);
    cr_expect_eq(get(&f, NET_LOSS_SCALE_STEPS), 0);
    f.x_scale = 1;
    step_part(&f, NET_FIRST);
    cr_expect_eq(step_part(&f, NET_LAST)[2], 1, "the next step is as good as any");
    get_state(&f, after);
    cr_expect_arr_neq(after, before, sizeof before);
    teardown(&f);
}

Test(loss_scale, an_overflow_in_the_first_part_skips_the_step) { check_overflow_in_part(0); }
Test(loss_scale, an_overflow_in_the_last_part_skips_the_step) { check_overflow_in_part(1); }

// Halves end at 65504: activations of up to 3e4 are no problem, whatever they add up to; a gradient of the loss of more is.
Test(loss_scale, halves_overflow_where_floats_do_not)
{
    struct fixture f;
    setup_with(&f, true, "matrix");
    if (conv_matrix_usable(gpu_get_limits(f.gpu), GPU_FP16)) {
        float before[3 * COUNT], after[3 * COUNT];
        f.x_scale = 3e4f / COUNT;
        get_state(&f, before);
        set(&f, NET_LOSS_SCALE, (float)LOSS_SCALE_MOST);
        for (int i = 24; i > 16; i--) {
            const float *found = step(&f);
            cr_expect_eq(found[3], ldexpf(1, i));
            cr_expect_eq(found[2], 0, "a scale of 2^%d", i);
            get_state(&f, after);
            cr_expect_arr_eq(after, before, sizeof before);
        }
        const float *found = step(&f); // dy is 2^15
        cr_expect_eq(found[2], 1);
        cr_expect_float_eq(found[1] / (0.5f * f.x_scale * sqrtf(204)), 1, 1e-3); // 1 + 4 + ... + 64 = 204
        get_state(&f, after);
        cr_expect_arr_neq(after, before, sizeof before);
        teardown(&f);
        return;
    }
    teardown(&f);
    cr_skip("no matrix units");
}
