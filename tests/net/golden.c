// SPDX-License-Identifier: MIT
// Whole networks against PyTorch's numbers (tests/golden/README.md): resnet18 and resnet34 of width 8, inference, one training
// step's gradients, three steps of Adam. Limits are those advised there: ten times what PyTorch's own float32 is off.
#include "base/rng.h"
#include "common/device.h"
#include "data/safetensors.h"
#include "model/model.h"
#include "train/checkpoint.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 2
#define HEIGHT 64
#define WIDTH 96
#define CLASSES 4

static const struct net_optimizer adam = {.op = "adam", .attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f}};

struct golden {
    struct gpu *gpu;
    bool fused;
    struct safetensors *weights, *expected, *batch;
    struct model_config config;
    struct net_graph *graph;
    struct net_store *store;
    struct net_exec *exec;
    op_id image, target, logits, bce, dice, sum, dlogits, features[MODEL_FEATURES];
};

static struct safetensors *open_golden(const char *name)
{
    char path[512];
    struct safetensors *file = NULL;
    snprintf(path, sizeof path, TESTS_DIR "/golden/%s", name);
    cr_assert_eq(safetensors_open(test_log(), path, &file), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    return file;
}

static float *read_tensor(const struct safetensors *file, const char *name, uint64_t *count)
{
    const struct safetensors_entry *entry = safetensors_find(file, name);
    cr_assert_not_null(entry, "%s has no tensor '%s'", file->path, name);
    *count = 1;
    for (uint32_t i = 0; i < entry->rank; i++) *count *= entry->shape[i];
    float *values = malloc((*count + 1) * sizeof *values);
    cr_assert_eq(safetensors_read_f32(file, entry, values, *count), NEPHOS_OK);
    return values;
}

// Axis 1 to the end, or back: NCHW <-> NHWC.
static void permute(const float *from, float *to, uint32_t n, uint32_t c, uint32_t pixels, bool to_nhwc)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = 0; k < c; k++) {
            for (uint32_t p = 0; p < pixels; p++) {
                const size_t nchw = ((size_t)i * c + k) * pixels + p, nhwc = ((size_t)i * pixels + p) * c + k;
                if (to_nhwc) to[nhwc] = from[nchw];
                else to[nchw] = from[nhwc];
            }
        }
    }
}

struct deviation {
    double worst, largest, rms; // of an element; the largest that is wanted; root mean square, relative to what is wanted
};

static struct deviation deviation(const char *name, const float *got, const float *want, const float *start, uint64_t count)
{
    struct deviation d = {0};
    double square = 0, want_square = 0;
    for (uint64_t i = 0; i < count; i++) {
        const double wanted = (double)want[i] - (start ? (double)start[i] : 0), error = fabs((double)got[i] - (double)want[i]);
        cr_assert(isfinite(got[i]), "%s: element %llu is %g", name, (unsigned long long)i, (double)got[i]);
        d.largest = fmax(d.largest, fabs(wanted));
        d.worst = fmax(d.worst, error);
        square += error * error;
        want_square += wanted * wanted;
    }
    d.rms = square > 0 ? sqrt(square / want_square) : 0;
    return d;
}

static void expect_close(const char *name, const float *got, const float *want, uint64_t count, double max_limit, double rms_limit)
{
    const struct deviation d = deviation(name, got, want, NULL, count);
    if (max_limit > 0) cr_expect_leq(d.worst, max_limit * d.largest, "%s: largest deviation %g of %g", name, d.worst, d.largest);
    if (rms_limit > 0) cr_expect_leq(d.rms, rms_limit, "%s: rms deviation %g", name, d.rms);
}

static void expect_output(struct golden *g, op_id id, const char *name, double max_limit, double rms_limit)
{
    uint64_t count;
    float *want = read_tensor(g->expected, name, &count);
    const struct op_shape s = net_shape(g->graph, id);
    cr_assert_eq(op_count(s), count, "%s", name);
    float *got = malloc(count * sizeof *got);
    permute(net_exec_output(g->exec, 0, id), got, s.n, s.c, s.h * s.w, false);
    expect_close(name, got, want, count, max_limit, rms_limit);
    free(got);
    free(want);
}

static void expect_scalar(struct golden *g, op_id id, const char *name, double limit)
{
    uint64_t count;
    float *want = read_tensor(g->expected, name, &count);
    expect_close(name, net_exec_output(g->exec, 0, id), want, 1, limit, 0);
    free(want);
}

static void build(struct golden *g, bool training)
{
    struct nephos_log *log = test_log();
    cr_assert_eq(net_graph_create(log, gpu_get_limits(g->gpu), training, &g->graph), NEPHOS_OK);
    g->image = net_input(g->graph, (struct op_shape){BATCH, HEIGHT, WIDTH, 3});
    g->target = net_input(g->graph, (struct op_shape){BATCH, HEIGHT, WIDTH, CLASSES});
    g->logits = model_build(g->graph, &g->config, g->image, g->features);
    const op_id in[2] = {g->logits, g->target};
    g->bce = net_add(g->graph, "bce_with_logits", "bce", NULL, in, 2, NULL);
    g->dice = net_add(g->graph, "region_loss", "dice", NULL, in, 2, NULL);
    const op_id losses[2] = {g->bce, g->dice};
    g->sum = net_add(g->graph, "weighted_sum", "loss", &(struct op_attr){.weights = {1, 1}}, losses, 2, NULL);
    const op_id outputs[] = {g->logits, g->bce, g->dice, g->sum};
    for (size_t i = 0; i < ARRAY_COUNT(outputs); i++) net_mark_output(g->graph, outputs[i]);
    for (int i = 1; !training && i < MODEL_FEATURES; i++) net_mark_output(g->graph, g->features[i]);
    if (g->fused) net_fuse(g->graph);
    if (training) cr_assert_eq(net_gradient(g->graph, g->sum), NEPHOS_OK, "%s", nephos_last_error(log));
    cr_assert_eq(g->graph->status, NEPHOS_OK, "%s", nephos_last_error(log));
    cr_assert_eq(net_tune(g->gpu, g->graph), NEPHOS_OK, "%s", nephos_last_error(log));
}

static void prepare(struct golden *g, const struct net_optimizer *optimizer)
{
    cr_assert_eq(net_store_create(g->gpu, g->graph, &g->store), NEPHOS_OK);
    if (optimizer) cr_assert_eq(net_store_train(g->store, 2), NEPHOS_OK);
    cr_assert_eq(checkpoint_load(g->store, g->weights, false), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_create(g->gpu, g->graph, g->store, optimizer, "golden", &g->exec), NEPHOS_OK, "%s",
                 nephos_last_error(test_log()));
    uint64_t count;
    float *images = read_tensor(g->batch, "images", &count), *masks = read_tensor(g->batch, "masks", &count);
    permute(images, net_exec_input(g->exec, 0, g->image), BATCH, 3, HEIGHT * WIDTH, true);
    permute(masks, net_exec_input(g->exec, 0, g->target), BATCH, CLASSES, HEIGHT * WIDTH, true);
    free(images);
    free(masks);
}

static void step(struct golden *g, uint32_t count)
{
    *net_exec_step(g->exec, 0) = (struct step_values){
        .count = count,
        .lr = 1e-4f,
        .bias_correction1 = (float)(1 - pow(0.9, count)),
        .bias_correction2 = (float)(1 - pow(0.999, count)),
    };
    cr_assert_eq(net_exec_submit(g->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_wait(g->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

static struct gpu *open_device(const char *kernels)
{
    return test_gpu_with((struct nephos_device_params){.kernels = kernels});
}

// The device is not closed with the rest: what it has compiled serves every start of a test.
static void open_all(struct golden *g, struct gpu *gpu, const char *encoder, bool fused)
{
    char name[64];
    *g = (struct golden){.gpu = gpu, .fused = fused, .config = {"unet", encoder, 8, CLASSES, 0}};
    snprintf(name, sizeof name, "%s-w8.safetensors", encoder);
    g->weights = open_golden(name);
    snprintf(name, sizeof name, "%s-w8-expected.safetensors", encoder);
    g->expected = open_golden(name);
    g->batch = open_golden("batch.safetensors");
}

static void close_all(struct golden *g)
{
    net_exec_destroy(&g->exec);
    net_store_destroy(&g->store);
    net_graph_destroy(&g->graph);
    safetensors_close(&g->weights);
    safetensors_close(&g->expected);
    safetensors_close(&g->batch);
}

// Some node must be computed by the kernels that are to be tested.
static void skip_without(const struct golden *g, const char *kernels)
{
    bool varied = strcmp(kernels, "baseline") == 0;
    for (uint32_t n = 0; n < g->graph->node_count; n++) varied |= g->graph->nodes[n].variant != NULL;
    if (!varied) cr_skip_test("no %s kernels on this device", kernels);
}

static void check_inference(const char *encoder, const char *kernels, bool fused)
{
    struct golden g;
    struct gpu *gpu = open_device(kernels);
    open_all(&g, gpu, encoder, fused);
    build(&g, false);
    skip_without(&g, kernels);
    prepare(&g, NULL);
    step(&g, 1);
    for (int i = 1; i < MODEL_FEATURES; i++) {
        char name[32];
        if (i < MODEL_ENCODER_FEATURES) snprintf(name, sizeof name, "eval.encoder.%d", i);
        else snprintf(name, sizeof name, "eval.decoder.%d", i - MODEL_ENCODER_FEATURES);
        expect_output(&g, g.features[i], name, 3e-5, 2e-5);
    }
    expect_output(&g, g.logits, "eval.logits", 3e-5, 2e-5);
    expect_scalar(&g, g.bce, "eval.loss.bce", 5e-6);
    expect_scalar(&g, g.dice, "eval.loss.dice", 5e-6);
    expect_scalar(&g, g.sum, "eval.loss.sum", 5e-6);
    close_all(&g);
    gpu_close(&gpu);
}

// Every file tensor of the store whose name behind `prefix` is in the expected file; `from` is a checkpoint of what was computed.
static uint32_t compare_all(struct golden *g, const struct safetensors *from, const char *from_prefix, const char *prefix, double max_limit,
                            double rms_limit, const struct safetensors *start)
{
    uint32_t compared = 0;
    for (uint32_t i = 0; i < g->expected->entry_count; i++) {
        const struct safetensors_entry *entry = &g->expected->entries[i];
        if (strncmp(entry->name, prefix, strlen(prefix)) != 0) continue;
        char name[256];
        uint64_t count;
        snprintf(name, sizeof name, "%s%s", from_prefix, entry->name + strlen(prefix));
        float *want = read_tensor(g->expected, entry->name, &count), *got = read_tensor(from, name, &count);
        if (start) { // compare the updates
            float *before = read_tensor(start, entry->name + strlen(prefix), &count);
            for (uint64_t k = 0; k < count; k++) {
                want[k] -= before[k];
                got[k] -= before[k];
            }
            free(before);
        }
        expect_close(entry->name, got, want, count, max_limit, rms_limit);
        free(want);
        free(got);
        compared++;
    }
    return compared;
}

static struct safetensors *snapshot(struct golden *g, bool moments)
{
    char path[] = "/tmp/nephos-golden-XXXXXX";
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    fclose(fdopen(fd, "w"));
    struct safetensors *file = NULL;
    cr_assert_eq(checkpoint_save(g->store, path, moments, 0, NULL, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(safetensors_open(test_log(), path, &file), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    remove(path);
    return file;
}

// The gradients, read out through the value slab's names. Returns the largest rms deviation.
static double compare_gradients(struct golden *g, double max_limit, double rms_limit)
{
    double worst = 0;
    uint32_t compared = 0;
    for (uint32_t p = 0; p < g->store->param_count; p++) {
        const struct net_param *param = &g->store->params[p];
        if (param->state) continue;
        const struct op_shape s = param->shape;
        float *memory = malloc(op_bytes(s)), *got = malloc(op_bytes(s));
        cr_assert_eq(gpu_download(g->gpu, net_store_grads(g->store, p), memory), NEPHOS_OK);
        if (param->layout == NET_LAYOUT_CONV) permute(memory, got, s.n, s.c, s.h * s.w, false);
        else memcpy(got, memory, op_bytes(s));
        const char *const names[2] = {param->name, param->second_name};
        for (int row = 0; row < 2 && names[row]; row++) {
            char name[256];
            uint64_t count;
            snprintf(name, sizeof name, "grad.%s", names[row]);
            if (!safetensors_find(g->expected, name)) continue;
            float *want = read_tensor(g->expected, name, &count);
            expect_close(name, got + row * count, want, count, max_limit, rms_limit);
            worst = fmax(worst, deviation(name, got + row * count, want, NULL, count).rms);
            free(want);
            compared++;
        }
        free(memory);
        free(got);
    }
    cr_expect_geq(compared, 13u);
    return worst;
}

static void check_training(const char *encoder, const char *kernels, bool fused)
{
    struct golden g;
    struct gpu *gpu = open_device(kernels);
    open_all(&g, gpu, encoder, fused);
    build(&g, true);
    skip_without(&g, kernels);
    prepare(&g, &adam);
    for (uint32_t i = 1; i <= 3; i++) {
        char name[3][40];
        static const char *const terms[3] = {"bce", "dice", "sum"};
        for (int k = 0; k < 3; k++) snprintf(name[k], sizeof name[k], "train.step%u.loss.%s", i, terms[k]);
        step(&g, i);
        expect_scalar(&g, g.bce, name[0], 2e-6);
        expect_scalar(&g, g.dice, name[1], 2e-6);
        expect_scalar(&g, g.sum, name[2], 2e-6);
        if (i == 2) continue;
        if (i == 1) {
            expect_output(&g, g.logits, "train.logits", 1e-4, 5e-5);
            compare_gradients(&g, 2e-4, 1e-4);
        }
        struct safetensors *now = snapshot(&g, false);
        cr_expect_geq(compare_all(&g, now, "", i == 1 ? "buffer1." : "buffer3.", i == 1 ? 2e-5 : 1e-4, 0, NULL), 4u);
        if (i == 1) cr_expect_geq(compare_all(&g, now, "", "param1.", 0, 2e-2, g.weights), 11u);
        safetensors_close(&now);
    }
    close_all(&g);
    gpu_close(&gpu);
}

// Moves each weight by at most one unit in its last place: no more than rounding does to activations.
static void jitter(struct golden *g, uint32_t attempt)
{
    for (uint32_t p = 0; p < g->store->param_count; p++) {
        const uint64_t count = op_count(g->store->params[p].shape);
        float *values = malloc(count * sizeof *values);
        struct base_rng rng;
        base_rng_init(&rng, attempt, BASE_RNG_TEST, p);
        cr_assert_eq(gpu_download(g->gpu, net_store_values(g->store, p), values), NEPHOS_OK);
        for (uint64_t i = 0; i < count; i++) values[i] *= 1 + 1.2e-7f * (2 * base_rng_float(&rng) - 1);
        cr_assert_eq(gpu_upload(g->gpu, net_store_values(g->store, p), values), NEPHOS_OK);
        free(values);
    }
}

// Largest rms deviation of any parameter's movement over three steps; `attempt` above 0 starts from jittered weights.
static double third_step_deviation(struct gpu *gpu, const char *encoder, uint32_t attempt)
{
    struct golden g;
    open_all(&g, gpu, encoder, true);
    build(&g, true);
    prepare(&g, &adam);
    if (attempt) jitter(&g, attempt);
    for (uint32_t i = 1; i <= 3; i++) step(&g, i);
    struct safetensors *now = snapshot(&g, false);
    double worst = 0;
    uint32_t compared = 0;
    for (uint32_t i = 0; i < g.expected->entry_count; i++) {
        static const char prefix[] = "param3.";
        const char *name = g.expected->entries[i].name;
        if (strncmp(name, prefix, sizeof prefix - 1) != 0) continue;
        uint64_t count;
        float *want = read_tensor(g.expected, name, &count), *got = read_tensor(now, name + sizeof prefix - 1, &count);
        float *start = read_tensor(g.weights, name + sizeof prefix - 1, &count);
        worst = fmax(worst, deviation(name, got, want, start, count).rms);
        free(want);
        free(got);
        free(start);
        compared++;
    }
    cr_expect_geq(compared, 13u);
    safetensors_close(&now);
    close_all(&g);
    return worst;
}

// The golden seeds keep ReLU inputs off zero in the first step only. In resnet18 some lie so close to it later that rounding decides
// their sign, and then all gradients move: eight starts that differ by rounding end 7e-4, 6e-3, 4e-2 or 0.26 off, the same four
// values on lavapipe and on SwiftShader, and nothing between. So the advised limit has to hold from one of them. resnet34 is 3e-5
// off and gets one try. (With a wrong beta2 both fail: resnet34 is 0.7 off.)
static void check_third_step(const char *encoder, uint32_t starts)
{
    double least = INFINITY;
    struct gpu *gpu = open_device("baseline");
    for (uint32_t attempt = 0; attempt < starts && least > 1e-2; attempt++) least = fmin(least, third_step_deviation(gpu, encoder, attempt));
    gpu_close(&gpu);
    cr_expect_leq(least, 1e-2, "%s: off by %g from the best of %u starts", encoder, least, starts);
}

// Losses, logits and running statistics of one step by a family of kernels, and the gradients' largest rms deviation.
static double first_step_deviation(struct gpu *gpu, const char *encoder, const char *kernels, uint32_t attempt)
{
    struct golden g;
    open_all(&g, gpu, encoder, true);
    build(&g, true);
    skip_without(&g, kernels);
    prepare(&g, &adam);
    if (attempt) jitter(&g, attempt);
    step(&g, 1);
    expect_scalar(&g, g.bce, "train.step1.loss.bce", 2e-6);
    expect_scalar(&g, g.dice, "train.step1.loss.dice", 2e-6);
    expect_scalar(&g, g.sum, "train.step1.loss.sum", 2e-6);
    expect_output(&g, g.logits, "train.logits", 1e-4, 5e-5);
    struct safetensors *now = snapshot(&g, false);
    cr_expect_geq(compare_all(&g, now, "", "buffer1.", 2e-5, 0, NULL), 4u);
    safetensors_close(&now);
    const double worst = compare_gradients(&g, 0, 0);
    close_all(&g);
    return worst;
}

// Other kernels round otherwise, so that the sign of some ReLU's input may be decided by rounding even in the first step: of four starts
// that differ by rounding, gradients are 2e-5 off from some and 3e-3 from others, nothing between.
static void check_first_step(const char *encoder, const char *kernels)
{
    double least = INFINITY;
    uint32_t attempt = 0;
    struct gpu *gpu = open_device(kernels);
    for (; attempt < 4 && least > 1e-4; attempt++) least = first_step_deviation(gpu, encoder, kernels, attempt);
    cr_expect_leq(least, 1e-4, "%s by %s kernels: gradients are off by %g from each start", encoder, kernels, least);
    const double again = first_step_deviation(gpu, encoder, kernels, attempt - 1);
    gpu_close(&gpu);
    cr_expect_eq(again, least, "%s by %s kernels: off by %g, then by %g from the same start", encoder, kernels, least, again);
}

// A graph without operators: only the optimizer runs, on gradients that the host writes.
Test(golden, adam_matches_pytorch_element_by_element)
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    struct net_store *store = NULL;
    struct net_exec *exec = NULL;
    struct safetensors *file = open_golden("adam.safetensors");
    uint64_t count;
    float *values = read_tensor(file, "param0", &count);
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    net_param(graph, "p", op_vector((uint32_t)count), NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    cr_assert_eq(net_store_create(gpu, graph, &store), NEPHOS_OK);
    cr_assert_eq(net_store_train(store, 2), NEPHOS_OK);
    cr_assert_eq(gpu_upload(gpu, net_store_values(store, 0), values), NEPHOS_OK);
    cr_assert_eq(net_exec_create(gpu, graph, store, &adam, "adam", &exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    struct golden g = {.exec = exec};
    for (uint32_t i = 1; i <= 3; i++) {
        char name[2][16];
        snprintf(name[0], sizeof name[0], "grad%u", i);
        snprintf(name[1], sizeof name[1], "param%u", i);
        float *gradient = read_tensor(file, name[0], &count), *want = read_tensor(file, name[1], &count);
        cr_assert_eq(gpu_upload(gpu, net_store_grads(store, 0), gradient), NEPHOS_OK);
        step(&g, i);
        cr_assert_eq(gpu_download(gpu, net_store_values(store, 0), values), NEPHOS_OK);
        for (uint64_t k = 0; k < count; k++)
            cr_expect_float_eq(values[k], want[k], 5e-8, "%s[%llu]: %.9g, PyTorch %.9g", name[1], (unsigned long long)k, (double)values[k],
                               (double)want[k]);
        free(gradient);
        free(want);
    }
    free(values);
    net_exec_destroy(&exec);
    net_store_destroy(&store);
    net_graph_destroy(&graph);
    safetensors_close(&file);
    gpu_close(&gpu);
}

Test(golden, resnet18_inference_matches_pytorch) { check_inference("resnet18", "baseline", true); }
Test(golden, resnet34_inference_matches_pytorch) { check_inference("resnet34", "baseline", true); }
Test(golden, resnet18_training_matches_pytorch) { check_training("resnet18", "baseline", true); }
Test(golden, resnet34_training_matches_pytorch) { check_training("resnet34", "baseline", true); }
Test(golden, resnet34_inference_of_plain_operators_matches_pytorch) { check_inference("resnet34", "baseline", false); }
Test(golden, resnet34_training_of_plain_operators_matches_pytorch) { check_training("resnet34", "baseline", false); }
Test(golden, resnet18_third_step_matches_pytorch) { check_third_step("resnet18", 8); }
Test(golden, resnet34_third_step_matches_pytorch) { check_third_step("resnet34", 1); }

// The families beyond the baseline are as exact, but the cooperative matrices, which multiply halves.
Test(golden, resnet18_inference_by_tile_kernels_matches_pytorch) { check_inference("resnet18", "tile", true); }
Test(golden, resnet18_first_step_by_tile_kernels_matches_pytorch) { check_first_step("resnet18", "tile"); }
Test(golden, resnet34_inference_by_software_kernels_matches_pytorch) { check_inference("resnet34", "software", true); }
Test(golden, resnet34_first_step_by_software_kernels_matches_pytorch) { check_first_step("resnet34", "software"); }
