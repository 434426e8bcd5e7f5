// SPDX-License-Identifier: MIT
// A model that predicts, and a benchmark, with convolutions that round: nearly the same numbers where the device has matrix units for
// it, and a refusal where not.
#include "api/api.h"

#include "nephos_internal.h"
#include "op/convolution_matrix.h"

#include <math.h>

TestSuite(model_precision, .init = api_setup_folder, .fini = api_teardown, .timeout = 600);

enum { HEIGHT = 32, WIDTH = 48, CLASSES = 4 };

static void train(void)
{
    api_open_device_with("baseline");
    api_synth("clouds", 12, HEIGHT, WIDTH);
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0 epochs=2"));
}

static struct nephos_model *load(void)
{
    struct nephos_model *model = NULL;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file("run"), &model));
    return model;
}

static void predict(struct nephos_model *model, float *probs)
{
    static uint8_t pixels[HEIGHT * WIDTH * 3];
    const struct nephos_image image = {.pixels = pixels, .height = HEIGHT, .width = WIDTH, .channels = 3, .bits = 8};
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 7 + i / 97 * 31);
    API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &image, probs));
}

static double evaluate(struct nephos_model *model, float threshold)
{
    struct nephos_scores scores = {0};
    const struct nephos_evaluate_params params = {.data = folder_file("clouds"), .split = "all", .threshold = threshold};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, &params, NULL, NULL, &scores));
    const double iou = scores.mean_iou;
    nephos_scores_free(&scores);
    return iou;
}

// Set pixels in all masks of all images.
static double predict_files(struct nephos_model *model, float threshold)
{
    char line[65536];
    double set = 0;
    const char *const paths[] = {folder_file("clouds/images")};
    const struct nephos_predict_params params = {
        .paths = paths, .path_count = 1, .out_dir = folder_file("masks"), .threshold = threshold, .csv = folder_file("masks.csv")};
    API_EXPECT(NEPHOS_OK, nephos_predict_files(model, &params, NULL, NULL));
    FILE *csv = fopen(params.csv, "r");
    cr_assert(csv && fgets(line, sizeof line, csv));
    while (fgets(line, sizeof line, csv)) {
        unsigned length;
        int used;
        for (const char *run = strchr(line, ',') + 1; sscanf(run, "%*u %u%n", &length, &used) == 1; run += used) set += length;
    }
    fclose(csv);
    return set;
}

static float mean(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)values[i];
    return (float)(sum / (double)count);
}

// `unit`: how far rounding moves an operand, relative to it. Logits of order 1 come from some twenty layers, whose errors add up like a
// random walk; a probability moves by a quarter of its logit, and masks change where one was as close to the threshold.
static void expect_close(const char *precision, double unit)
{
    enum { COUNT = CLASSES * HEIGHT * WIDTH };
    static float exact[COUNT], rounded[COUNT];
    struct nephos_model *model = load();
    cr_assert_eq(nephos_model_get_info(model)->class_count, CLASSES);
    predict(model, exact);
    const float threshold = mean(exact, COUNT);
    const double iou = evaluate(model, threshold), set = predict_files(model, threshold);
    cr_assert(iou > 0 && set > 0);
    API_EXPECT(NEPHOS_OK, nephos_model_set_precision(model, precision));
    predict(model, rounded);
    cr_expect_neq(memcmp(exact, rounded, sizeof exact), 0, "%s: no kernel rounded", precision);
    double most = 0;
    for (int i = 0; i < COUNT; i++) most = fmax(most, fabs((double)(rounded[i] - exact[i])));
    cr_expect_lt(most, 8 * unit, "%s: a probability moved by %g", precision, most);
    const double other = evaluate(model, threshold), others = predict_files(model, threshold);
    cr_expect_lt(fabs(other - iou), 8 * unit, "%s: IoU %g, exactly %g", precision, other, iou);
    cr_expect_lt(fabs(others - set), 8 * unit * set, "%s: %g pixels are set, exactly %g", precision, others, set);
    nephos_model_destroy(&model);
}

Test(model_precision, rounding_changes_little)
{
    train();
    api_close_device();
    api_open_device_with("matrix");
    const struct gpu_limits *limits = gpu_get_limits(api_device->gpu);
    if (!conv_matrix_usable(limits, GPU_FP16)) cr_skip("no matrix units");
    expect_close("fp16", 0x1p-11);
    if (conv_matrix_usable(limits, GPU_BF16)) expect_close("bf16", 0x1p-8);
}

static void add_row(void *user, const struct nephos_bench_result *result)
{
    (void)result;
    ++*(int *)user;
}

static struct nephos_bench_params bench(const char *precision)
{
    return (struct nephos_bench_params){
        .encoder = "none",
        .encoder_width = 4,
        .height = 32,
        .width = 32,
        .batch = 1,
        .seconds = 1e-3,
        .steps = "infer",
        .precision = precision,
    };
}

Test(model_precision, the_benchmark_measures_kernels_that_round)
{
    int rows = 0;
    const struct nephos_bench_params fp16 = bench("fp16"), fp32 = bench(NULL);
    api_open_device_with("matrix");
    if (!conv_matrix_usable(gpu_get_limits(api_device->gpu), GPU_FP16)) cr_skip("no matrix units");
    API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &fp16, add_row, &rows));
    cr_expect_eq(rows, 1);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &fp32, add_row, &rows));
    api_expect_error("--precision fp16 or bf16");
}

Test(model_precision, what_no_kernel_has_is_refused)
{
    int rows = 0;
    const char *const missing[] = {"fp16", "bf16"};
    train();
    struct nephos_model *model = load();
    for (int i = 0; i < 2; i++) {
        const struct nephos_bench_params params = bench(missing[i]);
        API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_set_precision(model, missing[i]));
        api_expect_error(missing[i]);
        API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_bench(api_device, &params, add_row, &rows));
        api_expect_error(missing[i]);
    }
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_set_precision(model, "fp12"));
    api_expect_error("'fp12'");
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_set_precision(NULL, NULL));
    API_EXPECT(NEPHOS_OK, nephos_model_set_precision(model, "auto"));
    API_EXPECT(NEPHOS_OK, nephos_model_set_precision(model, NULL));
    evaluate(model, 0.5f);
    nephos_model_destroy(&model);
    const struct nephos_bench_params automatic = bench("auto");
    API_EXPECT(NEPHOS_OK, nephos_bench(api_device, &automatic, add_row, &rows));
    cr_expect_eq(rows, 1);
}
