// SPDX-License-Identifier: MIT
// Runs cases: forward against the reference, the operator in place, backward against differences, accumulating backward.
#include "check/check.h"

#include "base/half.h"
#include "check/differences.h"
#include "check/fill.h"
#include "check/gradient.h"
#include "check/known.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BLOCKS 64
// Gradients of larger tensors are compared at this many elements (fewer where the reference takes long), and along a few random
// directions that every element takes part in.
#define MAX_PARTIALS 512
#define MIN_PARTIALS 16
#define PARTIAL_WORK (1u << 25) // elements of input and output in all evaluations
#define DIRECTIONS 4

// One case while it runs. Inputs and outputs are kept as the reference's doubles; words[] is what the GPU gets.
struct run {
    struct gpu *gpu;
    const struct check_op *check;
    const struct check_case *c;
    struct base_rng rng;
    struct check_verdict *verdict;
    struct check_known *known;        // what the reference said on an earlier way through the case
    uint32_t choice;                  // of variants: tape.choice
    const struct op_variant *variant; // the first that was used
    uint32_t offers;                  // tape.offers and tape.others of all tapes
    uint64_t others;
    double forward_tolerance, gradient_tolerance;
    uint32_t *words[OP_MAX_INPUTS];
    struct check_tensor in[OP_MAX_INPUTS], in_after[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS];
    uint32_t out_count;
    uint32_t *forward_words; // output 0 of the first run
    uint32_t *cotangent_words;
    double *cotangent;
    uint32_t *grad_words[OP_MAX_INPUTS]; // of the first backward run
    struct op_shape grad_shape[OP_MAX_INPUTS];
    void *block[MAX_BLOCKS];
    uint32_t block_count;
    bool no_memory;
};

// Memory of the case, freed at its end; failure is looked at once per phase.
static void *take(struct run *r, uint64_t count, size_t size)
{
    void *block = r->block_count < MAX_BLOCKS ? calloc((size_t)count + 1, size) : NULL;
    if (block)
        r->block[r->block_count++] = block;
    else
        r->no_memory = true;
    return block;
}

static struct check_tensor take_tensor(struct run *r, struct op_shape shape)
{
    return (struct check_tensor){shape, take(r, op_count(shape), sizeof(double))};
}

static enum nephos_status memory_status(const struct run *r)
{
    return r->no_memory ? base_fail(gpu_log(r->gpu), NEPHOS_ERROR_MEMORY, "check: no memory for a case of %s", r->check->op) : NEPHOS_OK;
}

struct op_shape check_case_input(const struct check_case *c, uint32_t input)
{
    const struct op *op = op_find(c->op);
    struct op_shape shape = c->in[input];
    if (op && (op->half_in >> input & 1) && shape.c % 4 == 0) shape.type = c->type;
    return shape;
}

// To the nearest value that the type can have.
static float rounded(float value, enum gpu_type type)
{
    if (type == GPU_FP16) return base_half_to_float(base_half_from_float(value));
    return type == GPU_BF16 ? base_bf16_to_float(base_bf16_from_float(value)) : value;
}

static void round_values(struct op_shape shape, uint32_t *words, double *values)
{
    for (uint64_t k = 0; shape.type != GPU_FP32 && k < op_count(shape); k++) {
        words[k] = check_word(rounded(check_float(words[k]), shape.type));
        values[k] = (double)check_float(words[k]);
    }
}

static enum nephos_status make_inputs(struct run *r)
{
    for (uint32_t i = 0; i < r->c->in_count; i++) {
        const struct op_shape shape = check_case_input(r->c, i);
        if (!shape.n) continue;
        r->words[i] = take(r, op_count(shape), sizeof(uint32_t));
        r->in[i] = take_tensor(r, shape);
        r->in_after[i] = take_tensor(r, shape);
        if (r->no_memory) break;
        if (r->c->fill[i] == CHECK_OWN) r->check->fill(r->c, &r->rng, r->words[i], op_count(shape));
        check_fill_operand(r->c, i, &r->rng, &r->in[0], r->words[i], r->in[i].v);
        round_values(shape, r->words[i], r->in[i].v);
        memcpy(r->in_after[i].v, r->in[i].v, op_count(shape) * sizeof(double));
    }
    return memory_status(r);
}

// The inputs and the operator itself; out[0] may be given.
static enum nephos_status add_forward(struct run *r, struct tape *tape, bool in_place, op_id *in, op_id *out)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < r->c->in_count; i++) {
        in[i] = OP_NONE;
        if (r->words[i]) TRY(tape_add_tensor(tape, r->in[i].shape, r->words[i], &in[i]));
    }
    for (uint32_t i = 0; i < OP_MAX_OUTPUTS; i++)
        out[i] = OP_NONE;
    if (in_place) out[0] = in[0];
    r->out_count = 0;
    TRY(tape_add_node(tape, r->check->op, &r->c->attr, in, r->c->in_count, out, &r->out_count, 0));
fail:
    return status;
}

// Of a result, relative to itself: half a unit in the last of 11 or 8 bits. A gradient may come through a tensor between.
static double rounding(enum gpu_type type)
{
    return type == GPU_FP32 ? 0 : type == GPU_FP16 ? 0x1p-11 : 0x1p-8;
}

// Notes which variants the tape came to use: they may round more than the baseline.
static enum nephos_status run_tape(struct run *r, struct tape *tape)
{
    if (tape->offers > r->offers) r->offers = tape->offers;
    r->others |= tape->others;
    for (uint32_t i = 0; i < tape->node_count; i++) {
        const struct op_variant *variant = tape->node[i].variant;
        if (!variant) continue;
        if (!r->variant) r->variant = variant;
        r->forward_tolerance = fmax(r->forward_tolerance, variant->error + rounding(r->c->type));
        r->gradient_tolerance = fmax(r->gradient_tolerance, variant->error + 2 * rounding(r->c->type));
    }
    return tape_run(tape, r->verdict);
}

static void start_tape(const struct run *r, struct tape *tape)
{
    tape_init(tape, r->gpu);
    tape->choice = r->choice;
    tape->type = r->c->type;
}

// --- forward ----------------------------------------------------------------------------------------------------------

static void exchange_tensor(struct run *r, struct check_tensor *tensor)
{
    if (tensor->v) check_known_exchange(r->known, tensor->v, op_count(tensor->shape));
}

static enum nephos_status run_reference(struct run *r, const struct tape *tape, const op_id *out)
{
    for (uint32_t i = 0; i < r->out_count; i++)
        r->out[i] = take_tensor(r, tape->tensor[out[i]].shape);
    if (r->no_memory) return memory_status(r);
    if (!r->known->complete) r->check->reference(&r->c->attr, r->in_after, r->out);
    for (uint32_t i = 0; i < r->c->in_count; i++)
        exchange_tensor(r, &r->in_after[i]);
    for (uint32_t i = 0; i < r->out_count; i++)
        exchange_tensor(r, &r->out[i]);
    return NEPHOS_OK;
}

// An operand that the reference changed is state and compared like an output; any other must be as before.
static void compare_input(struct run *r, uint32_t i, const uint32_t *after)
{
    const uint64_t count = op_count(r->in[i].shape);
    char what[24];
    snprintf(what, sizeof what, "input%u", i);
    if (memcmp(r->in[i].v, r->in_after[i].v, count * sizeof(double)) != 0)
        check_compare(r->verdict, what, after, r->in_after[i].v, NULL, count, 0, r->forward_tolerance);
    else if (memcmp(r->words[i], after, count * sizeof *after) != 0)
        check_offence(r->verdict, "%s was overwritten", what);
}

static void compare_output(struct run *r, uint32_t i, const uint32_t *after)
{
    const uint64_t count = op_count(r->out[i].shape);
    char what[24];
    snprintf(what, sizeof what, "output%u", i);
    if (r->check->decode) {
        uint32_t *words = take(r, count, sizeof *words);
        if (!words) return;
        memcpy(words, after, count * sizeof *words);
        r->check->decode(i, words, count);
        after = words;
    }
    check_compare(r->verdict, what, after, r->out[i].v, NULL, count, 0, r->forward_tolerance);
}

static void compare_outputs(struct run *r, const struct tape *tape, const op_id *in, const op_id *out)
{
    const uint32_t mask = r->check->compare_outputs ? r->check->compare_outputs : ~0u;
    for (uint32_t i = 0; i < r->out_count; i++) {
        if (mask >> i & 1) compare_output(r, i, tape_result(tape, out[i]));
    }
    for (uint32_t i = 0; i < r->c->in_count; i++) {
        if (in[i] != OP_NONE) compare_input(r, i, tape_result(tape, in[i]));
    }
}

static enum nephos_status run_forward(struct run *r)
{
    enum nephos_status status = NEPHOS_OK;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS];
    struct tape tape;
    start_tape(r, &tape);
    TRY(add_forward(r, &tape, false, in, out));
    TRY(run_reference(r, &tape, out));
    TRY(run_tape(r, &tape));
    compare_outputs(r, &tape, in, out);
    if (r->out_count) {
        const uint64_t count = op_count(r->out[0].shape);
        r->forward_words = take(r, count, sizeof(uint32_t));
        TRY(memory_status(r));
        memcpy(r->forward_words, tape_result(&tape, out[0]), count * sizeof(uint32_t));
    }
fail:
    tape_free(&tape);
    return status;
}

static enum nephos_status run_in_place(struct run *r)
{
    enum nephos_status status = NEPHOS_OK;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS];
    struct tape tape;
    start_tape(r, &tape);
    TRY(add_forward(r, &tape, true, in, out));
    TRY(run_tape(r, &tape));
    if (memcmp(r->forward_words, tape_result(&tape, out[0]), op_count(r->out[0].shape) * sizeof(uint32_t)) != 0)
        check_offence(r->verdict, "run in place, the result is another one");
fail:
    tape_free(&tape);
    return status;
}

// --- backward ---------------------------------------------------------------------------------------------------------

static enum nephos_status make_cotangent(struct run *r)
{
    const uint64_t count = op_count(r->out[0].shape);
    r->cotangent_words = take(r, count, sizeof(uint32_t));
    r->cotangent = take(r, count, sizeof(double));
    for (uint64_t i = 0; !r->no_memory && i < count; i++) {
        const float value = base_rng_normal(&r->rng);
        r->cotangent_words[i] = check_word(value > -0.1f && value < 0.1f ? value + 0.5f : value); // a lone one must not vanish
        r->cotangent[i] = (double)check_float(r->cotangent_words[i]);
    }
    if (!r->no_memory) round_values(r->out[0].shape, r->cotangent_words, r->cotangent);
    return memory_status(r);
}

// Runs forward and backward; prefill[i] (all NULL or none): what the gradient of input i holds before.
static enum nephos_status run_backward(struct run *r, struct tape *tape, uint32_t *const *prefill, op_id *grad)
{
    enum nephos_status status = NEPHOS_OK;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS], dout;
    TRY(add_forward(r, tape, false, in, out));
    TRY(tape_add_tensor(tape, r->out[0].shape, r->cotangent_words, &dout));
    for (uint32_t i = 0; i < OP_MAX_INPUTS; i++) {
        grad[i] = OP_NONE;
        if (prefill[i]) TRY(tape_add_tensor(tape, r->grad_shape[i], prefill[i], &grad[i]));
    }
    TRY(check_expand_gradient(tape, &tape->node[0], dout, r->check->differentiable, grad));
    TRY(run_tape(r, tape));
fail:
    return status;
}

static bool wants_gradient(const struct run *r, uint32_t i)
{
    return (r->check->differentiable >> i & 1) && i < r->c->in_count && r->words[i];
}

// The difference between a gradient of zero and rounding noise: noise comes with the size of the cotangent's share per element.
static double gradient_floor(const struct run *r, uint32_t i)
{
    const double outputs = (double)op_count(r->out[0].shape), inputs = (double)op_count(r->in[i].shape);
    return 1e-2 * check_magnitude(r->cotangent, op_count(r->out[0].shape)) * (outputs < inputs ? outputs / inputs : 1);
}

static struct check_differences make_differences(struct run *r)
{
    struct check_differences d = {.check = r->check, .attr = &r->c->attr, .cotangent = r->cotangent};
    for (uint32_t i = 0; i < r->c->in_count; i++) {
        d.in[i] = r->in[i];
        d.moved[i] = r->in_after[i]; // no longer needed
    }
    for (uint32_t i = 0; i < r->out_count; i++) {
        d.plus[i] = r->out[i];
        d.minus[i] = take_tensor(r, r->out[i].shape);
    }
    return d;
}

static uint64_t most_partials(const struct run *r, uint32_t i)
{
    const uint64_t asked = r->c->partials && r->c->partials < MAX_PARTIALS ? r->c->partials : MAX_PARTIALS;
    const uint64_t bearable = PARTIAL_WORK / (op_count(r->in[i].shape) + op_count(r->out[0].shape));
    return bearable < MIN_PARTIALS ? MIN_PARTIALS : bearable < asked ? bearable : asked;
}

// All elements of a small tensor; of a large one both ends, where edges are handled, and a random choice between.
static uint64_t choose_elements(struct run *r, uint64_t count, uint64_t most, uint64_t *index)
{
    const uint64_t chosen = count < most ? count : most, end = most / 8;
    for (uint64_t k = 0; k < chosen; k++) {
        index[k] = k;
        if (count <= most || k < end) continue;
        index[k] = k < 2 * end ? count - 1 - (k - end) : base_rng_below(&r->rng, (uint32_t)count);
    }
    return chosen;
}

static void compare_partials(struct run *r, struct check_differences *d, uint32_t i, const uint32_t *got)
{
    static _Thread_local uint64_t index[MAX_PARTIALS];
    static _Thread_local double want[MAX_PARTIALS];
    char what[32];
    snprintf(what, sizeof what, "gradient of input%u", i);
    const uint64_t count = choose_elements(r, op_count(r->in[i].shape), most_partials(r, i), index);
    for (uint64_t k = 0; k < count && !r->known->complete; k++)
        want[k] = check_partial(d, i, index[k]);
    check_known_exchange(r->known, want, count);
    check_compare(r->verdict, what, got, want, index, count, gradient_floor(r, i), r->gradient_tolerance);
}

// Rounding errors of n elements add up like the square root of n; so does the scale.
static void compare_directions(struct run *r, struct check_differences *d, uint32_t i, const uint32_t *got, int8_t *direction)
{
    const uint64_t count = op_count(r->in[i].shape);
    double squares = 0;
    for (uint64_t k = 0; k < count; k++)
        squares += (double)check_float(got[k]) * (double)check_float(got[k]);
    for (uint32_t round = 0; round < DIRECTIONS; round++) {
        double sum = 0;
        for (uint64_t k = 0; k < count; k++) {
            direction[k] = base_rng_below(&r->rng, 2) ? 1 : -1;
            sum += direction[k] * (double)check_float(got[k]);
        }
        double want = r->known->complete ? 0 : check_directional(d, i, direction);
        check_known_exchange(r->known, &want, 1);
        const uint32_t word = check_word((float)sum);
        char what[48];
        snprintf(what, sizeof what, "gradient of input%u along direction", i);
        check_compare(r->verdict, what, &word, &want, NULL, 1, sqrt(squares), r->gradient_tolerance);
    }
}

static enum nephos_status compare_gradients(struct run *r, const struct tape *tape, const op_id *grad)
{
    struct check_differences d = make_differences(r);
    for (uint32_t i = 0; i < r->c->in_count && !r->no_memory; i++) {
        if (!wants_gradient(r, i)) continue;
        if (grad[i] == OP_NONE) {
            check_offence(r->verdict, "the gradient rule leaves out input%u", i);
            continue;
        }
        const uint64_t count = op_count(r->in[i].shape);
        r->grad_words[i] = take(r, count, sizeof(uint32_t));
        int8_t *direction = take(r, count, 1);
        if (r->no_memory) break;
        memcpy(r->grad_words[i], tape_result(tape, grad[i]), count * sizeof(uint32_t));
        r->grad_shape[i] = tape->tensor[grad[i]].shape;
        compare_partials(r, &d, i, r->grad_words[i]);
        if (count > most_partials(r, i)) compare_directions(r, &d, i, r->grad_words[i], direction);
    }
    return memory_status(r);
}

static enum nephos_status run_gradient(struct run *r)
{
    enum nephos_status status = NEPHOS_OK;
    uint32_t *const nothing[OP_MAX_INPUTS] = {NULL};
    op_id grad[OP_MAX_INPUTS];
    struct tape tape;
    start_tape(r, &tape);
    TRY(make_cotangent(r));
    TRY(run_backward(r, &tape, nothing, grad));
    TRY(compare_gradients(r, &tape, grad));
fail:
    tape_free(&tape);
    return status;
}

// What the gradient holds before, of the same size as the gradient, so that neither hides the other; and the sum of both.
static enum nephos_status make_prefill(struct run *r, uint32_t **prefill, double **want)
{
    for (uint32_t i = 0; i < r->c->in_count; i++) {
        if (!wants_gradient(r, i) || !r->grad_words[i]) continue;
        const uint64_t count = op_count(r->in[i].shape);
        prefill[i] = take(r, count, sizeof(uint32_t));
        want[i] = take(r, count, sizeof(double));
        if (r->no_memory) break;
        for (uint64_t k = 0; k < count; k++)
            want[i][k] = (double)check_float(r->grad_words[i][k]);
        const double most = check_magnitude(want[i], count);
        for (uint64_t k = 0; k < count; k++) {
            const float value = rounded(base_rng_normal(&r->rng) * (most > 0 ? (float)most : 1.0f), r->grad_shape[i].type);
            prefill[i][k] = check_word(value);
            want[i][k] += (double)value;
        }
    }
    return memory_status(r);
}

static enum nephos_status run_accumulate(struct run *r)
{
    enum nephos_status status = NEPHOS_OK;
    uint32_t *prefill[OP_MAX_INPUTS] = {NULL};
    double *want[OP_MAX_INPUTS] = {NULL};
    op_id grad[OP_MAX_INPUTS];
    struct tape tape;
    start_tape(r, &tape);
    TRY(make_prefill(r, prefill, want));
    TRY(run_backward(r, &tape, prefill, grad));
    for (uint32_t i = 0; i < r->c->in_count; i++) {
        char what[48];
        snprintf(what, sizeof what, "accumulated gradient of input%u", i);
        if (prefill[i])
            check_compare(r->verdict, what, tape_result(&tape, grad[i]), want[i], NULL, op_count(r->in[i].shape), 0, r->gradient_tolerance);
    }
fail:
    tape_free(&tape);
    return status;
}

// --- cases ------------------------------------------------------------------------------------------------------------

static bool can_run_in_place(const struct run *r)
{
    const struct op *op = op_find(r->check->op);
    return op && (op->flags & OP_IN_PLACE) && r->out_count && r->words[0] && op_shape_equal(r->in[0].shape, r->out[0].shape);
}

// A variant that rounds more than the baseline may find an element on the other side of ReLU's kink than the reference: its gradient
// is right, and another one. Such variants are for graphs without gradients there.
static bool has_gradient(const struct run *r)
{
    return r->check->differentiable && !(r->c->attr.relu && r->variant && r->variant->error > 0);
}

static enum nephos_status run_phases(struct run *r)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(make_inputs(r));
    TRY(run_forward(r));
    if (can_run_in_place(r)) TRY(run_in_place(r));
    if (has_gradient(r)) {
        TRY(run_gradient(r));
        TRY(run_accumulate(r));
    }
fail:
    return status;
}

// The operands depend on the case alone, not on what ran before it.
static uint64_t seed_of(const char *op, const char *text)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (; *op; op++)
        hash = (hash ^ (uint8_t)*op) * 1099511628211u;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211u;
    return hash;
}

// The ways through a case: by the baseline (choice 0), or by the offers of that number.
struct choices {
    const char *text; // of the case
    struct check_known known;
    uint32_t offers; // see struct tape; known once the baseline was run
    uint64_t others;
};

// *used is the name of the first variant, "" where there was none.
static enum nephos_status run_choice(struct gpu *gpu, const struct check_op *check, const struct check_case *c, uint32_t choice,
                                     struct choices *choices, struct check_verdict *verdict, const char **used)
{
    struct run r = {.gpu = gpu,
                    .check = check,
                    .c = c,
                    .verdict = verdict,
                    .known = &choices->known,
                    .choice = choice,
                    .forward_tolerance = check->forward_tolerance + rounding(c->type),
                    .gradient_tolerance = check->gradient_tolerance + 2 * rounding(c->type)};
    *verdict = (struct check_verdict){0};
    check_known_rewind(&choices->known);
    base_rng_init(&r.rng, seed_of(check->op, choices->text), BASE_RNG_TEST, 0);
    const enum nephos_status status = run_phases(&r);
    for (uint32_t i = 0; i < r.block_count; i++)
        free(r.block[i]);
    *used = r.variant ? r.variant->name : "";
    if (choice == 0) {
        choices->offers = r.offers;
        choices->others = r.others;
    }
    // An operator that refuses its own case has failed; a lost device or missing memory says nothing about the operator.
    if (status != NEPHOS_OK) check_offence(verdict, "%s", nephos_last_error(gpu_log(gpu)));
    return status;
}

static void fill_result(const struct check_op *check, const char *variant, const char *text, const struct check_verdict *verdict,
                        struct nephos_check_result *result)
{
    static _Thread_local char kernel[128];
    snprintf(kernel, sizeof kernel, "%s%s%s", check->op, *variant ? "/" : "", variant);
    *result = (struct nephos_check_result){.kernel = kernel,
                                           .test_case = text,
                                           .passed = !verdict->failed,
                                           .error = verdict->error,
                                           .limit = verdict->limit,
                                           .seconds = verdict->seconds,
                                           .detail = verdict->detail};
}

bool check_case_applies(const struct gpu *gpu, const struct check_case *c, bool slow)
{
    const struct gpu_limits *limits = gpu_get_limits(gpu);
    return (slow || !c->slow) && (!c->software || (limits->software && limits->uniform_loads));
}

// Of the kernels for GPUs one in `gpu_share`, and of each case others.
static bool is_wanted(const struct check_op *check, const struct choices *choices, uint32_t choice, uint32_t gpu_share)
{
    if (choice == 0 || (choices->others >> (choice - 1) & 1)) return true;
    return (seed_of(check->op, choices->text) + choice) % gpu_share == 0;
}

enum nephos_status check_run_case(struct gpu *gpu, const struct check_op *check, const struct check_case *c, uint32_t gpu_share,
                                  struct nephos_check_result *result, nephos_check_fn report, void *user)
{
    static _Thread_local char text[512];
    static _Thread_local struct check_verdict verdict;
    enum nephos_status status = NEPHOS_OK;
    struct choices choices = {.text = text};
    check_case_text(c, text, sizeof text);
    for (uint32_t choice = 0; choice <= choices.offers; choice++) {
        const char *variant;
        if (!is_wanted(check, &choices, choice, gpu_share)) continue;
        status = run_choice(gpu, check, c, choice, &choices, &verdict, &variant);
        fill_result(check, variant, text, &verdict, result);
        if (report) report(user, result);
        if (verdict.failed || status == NEPHOS_ERROR_DEVICE_LOST || status == NEPHOS_ERROR_MEMORY) break;
    }
    check_known_free(&choices.known);
    if (status == NEPHOS_ERROR_DEVICE_LOST || status == NEPHOS_ERROR_MEMORY) return status;
    return verdict.failed ? NEPHOS_ERROR_CHECK : NEPHOS_OK;
}

enum nephos_status check_run_all(struct gpu *gpu, bool slow, nephos_check_fn report, void *user)
{
    uint32_t run_count = 0, failed_count = 0;
    for (const struct check_op *const *row = check_table; *row; row++) {
        for (uint32_t i = 0; i < (*row)->case_count; i++) {
            if (!check_case_applies(gpu, &(*row)->cases[i], slow)) continue;
            struct nephos_check_result result;
            const enum nephos_status status = check_run_case(gpu, *row, &(*row)->cases[i], 1, &result, report, user);
            if (status != NEPHOS_OK && status != NEPHOS_ERROR_CHECK) return status;
            run_count++;
            failed_count += status == NEPHOS_ERROR_CHECK;
        }
    }
    if (!failed_count) return NEPHOS_OK;
    return base_fail(gpu_log(gpu), NEPHOS_ERROR_CHECK, "%u of %u kernel checks failed on %s (%s); results on this device can't be trusted",
                     failed_count, run_count, gpu_info(gpu)->name, gpu_info(gpu)->driver);
}
