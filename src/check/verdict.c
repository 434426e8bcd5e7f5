// SPDX-License-Identifier: MIT
#include "check/verdict.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

double check_magnitude(const double *values, uint64_t count)
{
    double most = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (isfinite(values[i]) && fabs(values[i]) > most) most = fabs(values[i]);
    }
    return most;
}

void check_offence(struct check_verdict *verdict, const char *format, ...)
{
    if (verdict->failed) return;
    verdict->failed = true;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(verdict->detail, sizeof verdict->detail, format, arguments);
    va_end(arguments);
}

static double deviation(double got, double want, double scale)
{
    if (got == want) return 0; // equal infinities too
    const double error = fabs(got - want) / scale;
    return isnan(error) ? INFINITY : error;
}

void check_compare(struct check_verdict *verdict, const char *what, const uint32_t *got, const double *want, const uint64_t *index,
                   uint64_t count, double floor, double tolerance)
{
    const double most = check_magnitude(want, count);
    const double scale = most > floor ? most : floor > 0 ? floor : 1;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t at = index ? index[i] : i;
        const double value = (double)check_float(got[at]);
        const double error = deviation(value, want[i], scale);
        if (verdict->limit <= 0 || error / tolerance > verdict->error / verdict->limit) {
            verdict->error = error;
            verdict->limit = tolerance;
        }
        if (error > tolerance) check_offence(verdict, "%s[%" PRIu64 "] is %.9g, should be %.9g", what, at, value, want[i]);
    }
}

struct text {
    char *at;
    size_t left;
};

NEPHOS_PRINTF(2, 3) static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text->at, text->left, format, arguments);
    va_end(arguments);
    const size_t step = length < 0 ? 0 : (size_t)length < text->left ? (size_t)length : text->left - 1;
    text->at += step;
    text->left -= step;
}

static void append_pair(struct text *text, const char *name, const uint32_t pair[2])
{
    if (pair[0] || pair[1]) append(text, " %s %ux%u", name, pair[0], pair[1]);
}

static void append_float(struct text *text, const char *name, float value)
{
    if (value != 0) append(text, " %s %g", name, (double)value);
}

static void append_uint(struct text *text, const char *name, uint32_t value)
{
    if (value) append(text, " %s %u", name, value);
}

void check_case_text(const struct check_case *c, char *text, size_t size)
{
    struct text to = {text, size};
    *text = '\0';
    for (uint32_t i = 0; i < c->in_count; i++) {
        const struct op_shape s = c->in[i];
        if (s.n) append(&to, "%s%ux%ux%ux%u", i ? " " : "", s.n, s.h, s.w, s.c);
        else append(&to, "%snone", i ? " " : "");
    }
    const struct op_attr *a = &c->attr;
    if (c->type != GPU_FP32) append(&to, c->type == GPU_FP16 ? " fp16" : " bf16");
    append_pair(&to, "kernel", a->kernel);
    append_pair(&to, "stride", a->stride);
    append_pair(&to, "pad", a->pad);
    append_pair(&to, "dilation", a->dilation);
    append_pair(&to, "size", a->size);
    append_uint(&to, "groups", a->groups);
    append_uint(&to, "channels", a->channels);
    append_uint(&to, "ignore", a->ignore_index);
    append_uint(&to, "mode", a->mode);
    append_uint(&to, "relu", a->relu);
    append_uint(&to, "stats", a->stats);
    append_uint(&to, "prologue", a->prologue);
    append_uint(&to, "upsample", a->upsample);
    append_float(&to, "eps", a->eps);
    append_float(&to, "momentum", a->momentum);
    append_float(&to, "alpha", a->alpha);
    append_float(&to, "beta", a->beta);
    append_float(&to, "p", a->p);
    append_float(&to, "beta1", a->beta1);
    append_float(&to, "beta2", a->beta2);
    append_float(&to, "decay", a->weight_decay);
    append_uint(&to, "nesterov", a->nesterov);
    for (uint32_t i = 0; i < ARRAY_COUNT(a->weights); i++) append_float(&to, "weight", a->weights[i]);
}
