// SPDX-License-Identifier: MIT
// Optimizers, one step from random parameters and moments. tests/op follow them over several.
#include "check/check.h"

#include "optimizer.h"

#include <math.h>

enum { PARAMETERS, GRADIENTS, MOMENTS, SCALE };

static void sgd_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)out;
    const double momentum = (double)attr->momentum, decay = (double)attr->weight_decay;
    for (uint64_t i = 0; i < op_count(in[PARAMETERS].shape); i++) {
        double *p = &in[PARAMETERS].v[i], *b = &in[MOMENTS].v[i];
        const double g = in[GRADIENTS].v[i] * in[SCALE].v[0] + decay * *p;
        *b = momentum * *b + g;
        *p -= (double)check_step.lr * (attr->nesterov ? g + momentum * *b : *b);
    }
}

// What the step takes from p, but for the learning rate.
static double adam_move(uint32_t kind, double g, double m, double v, double eps)
{
    const double mean = m / (double)check_step.bias_correction1, correction = (double)check_step.bias_correction2;
    if (kind == ADAM_RECTIFIED) return correction == 0 ? mean : mean / (sqrt(v) + eps);
    const double ahead = kind == ADAM_NESTEROV ? g / (double)check_step.bias_correction3 : 0;
    return (mean + ahead) / (sqrt(v / correction) + eps);
}

static void adam(const struct op_attr *attr, const struct check_tensor *in, uint32_t kind)
{
    const double beta1 = (double)attr->beta1, beta2 = (double)attr->beta2, decay = (double)attr->weight_decay, lr = (double)check_step.lr;
    for (uint64_t i = 0; i < op_count(in[PARAMETERS].shape); i++) {
        double *p = &in[PARAMETERS].v[i], *m = &in[MOMENTS].v[2 * i], *v = m + 1;
        double g = in[GRADIENTS].v[i] * in[SCALE].v[0];
        if (kind == ADAM_DECOUPLED)
            *p *= 1 - lr * decay;
        else
            g += decay * *p;
        *m = beta1 * *m + (1 - beta1) * g;
        *v = beta2 * *v + (1 - beta2) * g * g;
        *p -= lr * adam_move(kind, g, *m, *v, (double)attr->eps);
    }
}

#define ADAM_REFERENCE(name, kind)                                                                                                         \
    static void name##_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)                      \
    {                                                                                                                                      \
        (void)out;                                                                                                                         \
        adam(attr, in, kind);                                                                                                              \
    }
ADAM_REFERENCE(adam, ADAM_PLAIN)
ADAM_REFERENCE(adamw, ADAM_DECOUPLED)
ADAM_REFERENCE(radam, ADAM_RECTIFIED)
ADAM_REFERENCE(nadam, ADAM_NESTEROV)

#define CASE(name, c, moments, ...)                                                                                                        \
    {                                                                                                                                      \
        .op = name, .in = {{1, 1, 1, c}, {1, 1, 1, c}, {1, 1, 1, moments}, {1, 1, 1, 4}}, .in_count = 4,                                   \
        .fill = {CHECK_NORMAL, CHECK_NORMAL, CHECK_POSITIVE, CHECK_POSITIVE}, .attr = {                                                    \
            __VA_ARGS__                                                                                                                    \
        }                                                                                                                                  \
    }
#define SGD(c, ...) CASE("sgd", c, c, __VA_ARGS__)
#define ADAM(name, c, decay) CASE(name, c, 2 * c, .beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .weight_decay = decay)

static const struct check_case sgd_cases[] = {
    SGD(1, .momentum = 0),
    SGD(257, .momentum = 0.9f),
    SGD(1000, .momentum = 0.9f, .nesterov = 1, .weight_decay = 0.01f),
};
static const struct check_case adam_cases[] = {ADAM("adam", 1, 0), ADAM("adam", 257, 0), ADAM("adam", 5000, 0.1f),
                                               ADAM("adam", 8256, 0.1f)};
static const struct check_case adamw_cases[] = {ADAM("adamw", 1, 0), ADAM("adamw", 257, 0.1f), ADAM("adamw", 5000, 0.01f),
                                                ADAM("adamw", 512, 0.01f)};
static const struct check_case radam_cases[] = {ADAM("radam", 1, 0), ADAM("radam", 257, 0.1f), ADAM("radam", 8256, 0.01f)};
static const struct check_case nadam_cases[] = {ADAM("nadam", 1, 0), ADAM("nadam", 257, 0.1f), ADAM("nadam", 8256, 0.01f)};

// A handful of roundings per element.
#define OPTIMIZER_CHECK(name)                                                                                                              \
    const struct check_op check_##name = {.op = #name,                                                                                     \
                                          .cases = name##_cases,                                                                           \
                                          .case_count = ARRAY_COUNT(name##_cases),                                                         \
                                          .reference = name##_reference,                                                                   \
                                          .forward_tolerance = 3e-7}
OPTIMIZER_CHECK(sgd);
OPTIMIZER_CHECK(adam);
OPTIMIZER_CHECK(adamw);
OPTIMIZER_CHECK(radam);
OPTIMIZER_CHECK(nadam);

// --- ema --------------------------------------------------------------------------------------------------------------

static void ema_reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)out;
    const double t = check_step.count, decay = fmin((double)attr->alpha, (1 + t) / (10 + t));
    for (uint64_t i = 0; i < op_count(in[0].shape); i++)
        in[0].v[i] += (1 - decay) * (in[1].v[i] - in[0].v[i]);
}

// Of one sign: a lone result near zero would be the difference of larger numbers, and have their rounding.
#define EMA(c, decay)                                                                                                                      \
    {                                                                                                                                      \
        .op = "ema", .in = {{1, 1, 1, c}, {1, 1, 1, c}}, .in_count = 2, .fill = {CHECK_POSITIVE, CHECK_POSITIVE}, .attr = {                \
            .alpha = decay                                                                                                                 \
        }                                                                                                                                  \
    }
static const struct check_case ema_cases[] = {EMA(1, 0.1f), EMA(257, 0.999f), EMA(8256, 0.9f)};
OPTIMIZER_CHECK(ema);
