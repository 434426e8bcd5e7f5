// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { COUNT = 200, STEPS = 6 };

struct state { // of the double reference
    double p[COUNT], m[COUNT], v[COUNT];
};

// From 1e-8 to 10.
static double gradient_size(int i)
{
    return pow(10, -8 + 9.0 * i / (COUNT - 1));
}

// Changes sign and size from step to step.
static float gradient(int i, int step)
{
    return (float)(gradient_size(i) * cos(i + 2.1 * step));
}

static void adam_step(struct state *s, int step, const struct op_attr *attr, double lr, bool decoupled)
{
    const double beta1 = (double)attr->beta1, beta2 = (double)attr->beta2, decay = (double)attr->weight_decay;
    for (int i = 0; i < COUNT; i++) {
        const double g = (double)gradient(i, step) + (decoupled ? 0 : decay * s->p[i]);
        if (decoupled) s->p[i] -= lr * decay * s->p[i];
        s->m[i] = beta1 * s->m[i] + (1 - beta1) * g;
        s->v[i] = beta2 * s->v[i] + (1 - beta2) * g * g;
        s->p[i] -= lr * s->m[i] / (1 - pow(beta1, step)) / (sqrt(s->v[i] / (1 - pow(beta2, step))) + (double)attr->eps);
    }
}

static void sgd_step(struct state *s, int step, const struct op_attr *attr, double lr)
{
    const double momentum = (double)attr->momentum;
    for (int i = 0; i < COUNT; i++) {
        const double g = (double)gradient(i, step) + (double)attr->weight_decay * s->p[i];
        s->m[i] = step == 1 ? g : momentum * s->m[i] + g;
        s->p[i] -= lr * (attr->nesterov ? g + momentum * s->m[i] : s->m[i]);
    }
}

// Parameters start at zero, so that their own rounding does not hide an error of the updates.
static void follow(const char *op, const struct op_attr *attr, uint32_t moments_per_parameter, float lr)
{
    struct op_run run;
    op_run_open(&run);
    struct state want = {0};
    float p[COUNT] = {0}, g[COUNT], moments[2 * COUNT];
    const float scale[4] = {1, 1, 1, 0};
    for (uint32_t i = 0; i < moments_per_parameter * COUNT; i++) moments[i] = strcmp(op, "sgd") == 0 ? NAN : 0; // sgd starts without
    for (int step = 1; step <= STEPS; step++) {
        for (int i = 0; i < COUNT; i++) g[i] = gradient(i, step);
        run.step.count = (uint32_t)step;
        run.step.lr = lr;
        run.step.bias_correction1 = (float)(1 - pow((double)attr->beta1, step));
        run.step.bias_correction2 = (float)(1 - pow((double)attr->beta2, step));
        op_run_input(&run, op_vector(COUNT), p);
        op_run_input(&run, op_vector(COUNT), g);
        op_run_input(&run, op_vector(moments_per_parameter * COUNT), moments);
        op_run_input(&run, op_vector(4), scale);
        op_run(&run, op, attr);
        memcpy(p, op_run_state(&run, 0), sizeof p);
        memcpy(moments, op_run_state(&run, 2), moments_per_parameter * COUNT * sizeof(float));
        if (strcmp(op, "sgd") == 0) sgd_step(&want, step, attr, (double)lr);
        else adam_step(&want, step, attr, (double)lr, strcmp(op, "adamw") == 0);
        for (int i = 0; i < COUNT; i++) {
            const double move = (double)lr * (strcmp(op, "sgd") == 0 ? gradient_size(i) : 1); // of one step
            cr_expect_float_eq(p[i], want.p[i], 3e-6 * move, "%s step %d gradient %g: %.9g, should be %.9g", op, step, (double)g[i],
                               (double)p[i], want.p[i]);
        }
    }
    op_run_close(&run);
}

Test(optimizer, sgd_follows_double_precision_over_steps)
{
    follow("sgd", &(struct op_attr){.momentum = 0}, 1, 0.1f);
    follow("sgd", &(struct op_attr){.momentum = 0.9f}, 1, 0.1f);
    follow("sgd", &(struct op_attr){.momentum = 0.9f, .nesterov = 1}, 1, 0.1f);
}

Test(optimizer, adam_follows_double_precision_over_steps)
{
    follow("adam", &(struct op_attr){.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f}, 2, 1e-4f);
}

Test(optimizer, adamw_follows_double_precision_over_steps)
{
    follow("adamw", &(struct op_attr){.beta1 = 0.9f, .beta2 = 0.99f, .eps = 1e-8f, .weight_decay = 0.1f}, 2, 1e-2f);
}

// By the baseline and by what else is offered.
static void expect_no_change(const char *op, uint32_t moments_per_parameter)
{
    enum { LENGTH = 256 };
    struct op_run run;
    float p[LENGTH], g[LENGTH], moments[2 * LENGTH];
    const float scale[4] = {1, NAN, 0, 0};
    for (int i = 0; i < LENGTH; i++) {
        p[i] = (float)i;
        g[i] = i ? 1 : NAN;
        moments[2 * i] = moments[2 * i + 1] = 0.1f * (float)i;
    }
    op_run_open(&run);
    for (uint32_t choice = 0; choice < 2; choice++) {
        op_run_input(&run, op_vector(LENGTH), p);
        op_run_input(&run, op_vector(LENGTH), g);
        op_run_input(&run, op_vector(LENGTH * moments_per_parameter), moments);
        op_run_input(&run, op_vector(4), scale);
        run.tape.choice = choice;
        op_run(&run, op, &(struct op_attr){.momentum = 0.9f, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .weight_decay = 0.1f});
        cr_expect_arr_eq(op_run_state(&run, 0), p, sizeof p);
        cr_expect_arr_eq(op_run_state(&run, 2), moments, LENGTH * moments_per_parameter * sizeof(float));
    }
    op_run_close(&run);
}

Test(optimizer, changes_nothing_when_the_gradient_is_not_finite)
{
    expect_no_change("sgd", 1);
    expect_no_change("adam", 2);
    expect_no_change("adamw", 2);
    expect_no_change("radam", 2);
    expect_no_change("nadam", 2);
}

Test(optimizer, refuses_moments_of_the_wrong_length)
{
    struct nephos_log *log = NULL;
    cr_assert(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &log) == NEPHOS_OK);
    struct op_infer info = {.attr = &(struct op_attr){.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f},
                            .in = {op_vector(8), op_vector(8), op_vector(8), op_vector(4)},
                            .present = {true, true, true, true},
                            .in_count = 4,
                            .log = log,
                            .label = "update"};
    cr_expect_eq(op_adam.infer(&info), NEPHOS_ERROR_ARGUMENT);
    cr_expect_str_eq(nephos_last_error(log), "update: 8 moments for 8 parameters, must be 2 for each");
    nephos_log_destroy(&log);
}

Test(sgd, agrees_with_reference)
{
    op_test("sgd");
}

Test(adam, agrees_with_reference)
{
    op_test("adam");
}

Test(adamw, agrees_with_reference)
{
    op_test("adamw");
}

Test(radam, agrees_with_reference)
{
    op_test("radam");
}

Test(nadam, agrees_with_reference)
{
    op_test("nadam");
}
