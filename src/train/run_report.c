// SPDX-License-Identifier: MIT
// The facts of a run for report.html, and at its end the best model's scores and a few of its predictions.
#include "train/run.h"

#include "base/file.h"
#include "report/report.h"
#include "train/config.h"
#include "train/pass.h"
#include "train/predictor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FACT_SIZE 160

struct examples {
    struct run *run;
    struct network *network;
    struct report_example *list;
    uint32_t count;
};

static void free_examples(struct examples *examples)
{
    for (uint32_t i = 0; i < examples->count; i++) {
        free((void *)examples->list[i].rgb);
        free((void *)examples->list[i].truth);
        free((void *)examples->list[i].prediction);
    }
    free(examples->list);
    network_destroy(&examples->network);
}

static double example_dice(const struct run *run, const uint8_t *truth, const uint8_t *masks, size_t pixels)
{
    struct tally tally;
    if (tally_create(run->log, run->meta.class_count, run->meta.exclusive, &tally) != NEPHOS_OK) return NAN;
    tally_add_masks(&tally, masks, truth, run->set->exclusive, pixels);
    const double dice = tally_dice(&tally);
    tally_free(&tally);
    return dice;
}

static enum nephos_status add_example(struct examples *examples, const struct data_batch *batch, uint32_t i, const float *probs)
{
    struct run *run = examples->run;
    const size_t pixels = (size_t)run->meta.height * run->meta.width;
    uint8_t *rgb = malloc(3 * pixels), *truth = malloc(pixels), *prediction = malloc(pixels),
            *masks = malloc(run->meta.class_count * pixels);
    enum nephos_status status = NEPHOS_OK;
    if (!rgb || !truth || !prediction || !masks) FAIL(run->log, NEPHOS_ERROR_MEMORY, "report: out of memory");
    TRY(predictor_masks(&run->meta, run->log, probs, 0, run->meta.height, run->meta.width, masks));
    for (size_t k = 0; k < pixels; k++) {
        const uint32_t word = batch->pixels[i * pixels + k];
        for (uint32_t c = 0; c < 3; c++) rgb[3 * k + c] = (uint8_t)(word >> 8 * c);
        truth[k] = (uint8_t)(word >> 24);
    }
    predictor_labels(masks, run->meta.class_count, pixels, run->set->exclusive, prediction);
    const double dice = example_dice(run, truth, masks, pixels);
    free(masks);
    examples->list[examples->count++] = (struct report_example){
        .name = run->set->samples[batch->samples[i]].name,
        .height = run->meta.height,
        .width = run->meta.width,
        .rgb = rgb,
        .truth = truth,
        .prediction = prediction,
        .dice = dice,
    };
    return NEPHOS_OK;
fail:
    free(rgb);
    free(truth);
    free(prediction);
    free(masks);
    return status;
}

static enum nephos_status end_batch(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct examples *examples = user;
    const struct run *run = examples->run;
    const float *probs = net_exec_output(examples->network->exec, slot, examples->network->probs);
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < batch->count && status == NEPHOS_OK; i++)
        status = add_example(examples, batch, i, probs + (size_t)i * run->meta.height * run->meta.width * run->meta.class_count);
    return status;
}

static enum nephos_status predict_examples(struct run *run, struct examples *examples)
{
    enum nephos_status status = NEPHOS_OK;
    const uint32_t count = run->settings.examples < run->val_count ? run->settings.examples : run->val_count;
    *examples = (struct examples){.run = run};
    if (count == 0) return NEPHOS_OK;
    uint32_t *order = malloc(count * sizeof *order);
    examples->list = calloc(count, sizeof *examples->list);
    if (!order || !examples->list) FAIL(run->log, NEPHOS_ERROR_MEMORY, "report: out of memory");
    for (uint32_t i = 0; i < count; i++) order[i] = run->val[(uint64_t)i * run->val_count / count]; // spread over the whole set
    const struct network_spec spec = run_spec(run, NETWORK_PREDICT, run->settings.micro_batch < count ? run->settings.micro_batch : count);
    TRY(network_build(run->log, gpu_get_limits(run->gpu), &spec, &examples->network));
    TRY(network_prepare_beside(examples->network, run->gpu, run->kept, NULL, run->trainer));
    const struct pass pass = {
        .network = examples->network,
        .set = run->set,
        .order = order,
        .order_count = count,
        .threads = run->settings.threads,
        .labels = true,
        .end = end_batch,
        .user = examples,
    };
    TRY(pass_run(&pass, NULL));
fail:
    free(order);
    return status;
}

static enum nephos_status write(struct run *run, const struct nephos_scores *scores, const struct examples *examples,
                                enum report_state state)
{
    const struct train_settings *s = &run->settings;
    char encoder[FACT_SIZE], size[FACT_SIZE], parameters[FACT_SIZE], images[FACT_SIZE], training[FACT_SIZE], rate[FACT_SIZE],
        subtitle[FACT_SIZE];
    snprintf(encoder, sizeof encoder, "%s, width %u", s->encoder, s->encoder_width);
    snprintf(size, sizeof size, "%u x %u", s->height, s->width);
    snprintf(parameters, sizeof parameters, "%llu", (unsigned long long)net_store_parameter_count(run->store));
    snprintf(images, sizeof images, "%u training, %u validation", run->train_count, run->val_count);
    snprintf(training, sizeof training, "%s, batch %u, seed %llu", nephos_config_get(run->config, "optimizer"), s->batch,
             (unsigned long long)s->seed);
    snprintf(rate, sizeof rate, "%g, %s", (double)s->lr, nephos_config_get(run->config, "schedule"));
    snprintf(subtitle, sizeof subtitle, "U-Net, encoder %s, %u x %u, %u classes", s->encoder, s->height, s->width, run->meta.class_count);
    const struct nephos_device_info *device = gpu_info(run->gpu);
    const struct report_fact model[] = {{"Encoder", encoder}, {"Input (height x width)", size}, {"Parameters", parameters}};
    const struct report_fact data[] = {{"Folder", s->data}, {"Images", images}};
    const struct report_fact optimizer[] = {
        {"Optimizer", training}, {"Learning rate", rate}, {"Loss", nephos_config_get(run->config, "loss")}};
    const struct report_fact gpu[] = {{"Device", device->name}, {"Driver", device->driver}};
    const struct report_facts facts[] = {{"Model", model, ARRAY_COUNT(model)},
                                         {"Data", data, ARRAY_COUNT(data)},
                                         {"Training", optimizer, ARRAY_COUNT(optimizer)},
                                         {"Device", gpu, ARRAY_COUNT(gpu)}};
    const struct report report = {
        .title = s->out,
        .subtitle = subtitle,
        .facts = facts,
        .fact_count = ARRAY_COUNT(facts),
        .history = &run->history,
        .scores = scores,
        .classes = (const char *const *)run->meta.classes,
        .class_count = run->meta.class_count,
        .exclusive = run->set->exclusive,
        .examples = examples ? examples->list : NULL,
        .example_count = examples ? examples->count : 0,
        .state = state,
    };
    char *path = run_path(run, "report.html");
    const enum nephos_status status = path ? report_write(run->log, path, &report) : NEPHOS_ERROR_MEMORY;
    free(path);
    return status == NEPHOS_OK ? run_events_examples(run, &report) : status;
}

enum nephos_status run_report(struct run *run, enum report_state state)
{
    if (state != REPORT_ENDED) return write(run, NULL, NULL, state);
    enum nephos_status status;
    struct nephos_scores scores = {0};
    struct examples examples = {0};
    TRY(run_load_best(run));
    TRY(run_validate(run, run->state.best_epoch));
    TRY(tally_scores(&run->val_tally, run->log, &scores));
    TRY(predict_examples(run, &examples));
    TRY(write(run, &scores, &examples, state));
fail:
    free_examples(&examples);
    nephos_scores_free(&scores);
    return status;
}
