// SPDX-License-Identifier: MIT
// Numbers are written exactly: integers in decimal, doubles in hexadecimal.
#include "train/state.h"

#include "base/file.h"
#include "base/number.h"
#include "train/monitor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "train."

static bool add_pair(char **pairs, uint32_t *count, const char *key, char *value)
{
    char *copy = strdup(key);
    if (!copy || !value) {
        free(copy);
        free(value);
        return false;
    }
    pairs[2 * *count] = copy;
    pairs[2 * *count + 1] = value;
    ++*count;
    return true;
}

enum nephos_status train_state_append(struct nephos_log *log, const struct train_state *state, char ***pairs, uint32_t *count)
{
    char **grown = realloc(*pairs, (*count + 17) * 2 * sizeof **pairs);
    bool complete = grown != NULL;
    if (grown) *pairs = grown;
    complete = complete && add_pair(grown, count, PREFIX "seed", base_format("%" PRIu64, state->seed));
    complete = complete && add_pair(grown, count, PREFIX "steps", base_format("%" PRIu64, state->steps));
    complete = complete && add_pair(grown, count, PREFIX "epoch", base_format("%u", state->epoch));
    complete = complete && add_pair(grown, count, PREFIX "step_in_epoch", base_format("%u", state->step_in_epoch));
    complete = complete && add_pair(grown, count, PREFIX "loss_sum", base_format("%a", state->loss_sum));
    complete = complete && add_pair(grown, count, PREFIX "seconds", base_format("%a", state->seconds));
    complete = complete && add_pair(grown, count, PREFIX "wait_seconds", base_format("%a", state->wait_seconds));
    complete = complete && add_pair(grown, count, PREFIX "tally", tally_format(&state->tally));
    complete = complete && add_pair(grown, count, PREFIX "monitor", base_format("%s", monitor_name(state->monitor)));
    complete = complete && add_pair(grown, count, PREFIX "best_value", base_format("%a", state->best_value));
    complete = complete && add_pair(grown, count, PREFIX "patient_value", base_format("%a", state->patient_value));
    complete = complete && add_pair(grown, count, PREFIX "patient_epoch", base_format("%u", state->patient_epoch));
    complete = complete && add_pair(grown, count, PREFIX "rollbacks", base_format("%u", state->rollbacks));
    complete = complete && add_pair(grown, count, PREFIX "lr_scale", base_format("%a", state->lr_scale));
    complete = complete && add_pair(grown, count, PREFIX "plateau_best", base_format("%a", state->plateau.best));
    complete = complete && add_pair(grown, count, PREFIX "plateau_bad", base_format("%u", state->plateau.bad));
    complete = complete && add_pair(grown, count, PREFIX "best_epoch", base_format("%u", state->best_epoch));
    return complete ? NEPHOS_OK : base_fail(log, NEPHOS_ERROR_MEMORY, "checkpoint: out of memory");
}

static const char *text_of(const struct safetensors *file, const char *key)
{
    const char *text = safetensors_metadata(file, key);
    if (!text) base_fail(file->log, NEPHOS_ERROR_DATA, "%s: no '%s' in its metadata: not a checkpoint to resume from", file->path, key);
    return text;
}

static bool refuse(const struct safetensors *file, const char *key, const char *text)
{
    base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata '%s' is '%s', which can't be", file->path, key, text);
    return false;
}

static bool read_count(const struct safetensors *file, const char *key, uint64_t most, uint64_t *value)
{
    const char *text = text_of(file, key);
    return text && (base_parse_count(text, most, value) || refuse(file, key, text));
}

static bool read_double(const struct safetensors *file, const char *key, double *value)
{
    const char *text = text_of(file, key);
    if (!text) return false;
    char *end;
    *value = base_parse_double(text, &end);
    return end == text || *end ? refuse(file, key, text) : true;
}

// Values of one measure say nothing about those of another.
static bool check_monitor(const struct safetensors *file, const struct train_state *state)
{
    const char *text = text_of(file, PREFIX "monitor"), *own = monitor_name(state->monitor);
    if (!text) return false;
    if (strcmp(text, own) == 0) return true;
    base_fail(file->log, NEPHOS_ERROR_DATA, "%s was trained with --monitor %s, not %s", file->path, text, own);
    return false;
}

static bool read_progress(const struct safetensors *file, struct train_state *state)
{
    uint64_t best_epoch = 0, patient_epoch = 0, rollbacks = 0, bad = 0;
    const bool complete =
        check_monitor(file, state) && read_count(file, PREFIX "best_epoch", UINT32_MAX, &best_epoch) &&
                          read_double(file, PREFIX "best_value", &state->best_value) &&
                          read_count(file, PREFIX "patient_epoch", UINT32_MAX, &patient_epoch) &&
        read_double(file, PREFIX "patient_value", &state->patient_value) && read_count(file, PREFIX "rollbacks", UINT32_MAX, &rollbacks) &&
        read_double(file, PREFIX "lr_scale", &state->lr_scale) && read_double(file, PREFIX "plateau_best", &state->plateau.best) &&
        read_count(file, PREFIX "plateau_bad", UINT32_MAX, &bad);
    state->plateau.bad = (uint32_t)bad;
    state->best_epoch = (uint32_t)best_epoch;
    state->patient_epoch = (uint32_t)patient_epoch;
    state->rollbacks = (uint32_t)rollbacks;
    return complete;
}

enum nephos_status train_state_read(const struct safetensors *file, struct train_state *state)
{
    uint64_t epoch = 0, step_in_epoch = 0;
    const char *tally;
    const bool complete =
        read_count(file, PREFIX "seed", UINT64_MAX, &state->seed) && read_count(file, PREFIX "steps", UINT32_MAX, &state->steps) &&
        read_count(file, PREFIX "epoch", UINT32_MAX, &epoch) && read_count(file, PREFIX "step_in_epoch", UINT32_MAX, &step_in_epoch) &&
        read_progress(file, state) && read_double(file, PREFIX "loss_sum", &state->loss_sum) &&
        read_double(file, PREFIX "seconds", &state->seconds) && read_double(file, PREFIX "wait_seconds", &state->wait_seconds) &&
        (tally = text_of(file, PREFIX "tally")) && (tally_parse(&state->tally, tally) || refuse(file, PREFIX "tally", tally));
    state->epoch = (uint32_t)epoch;
    state->step_in_epoch = (uint32_t)step_in_epoch;
    return complete ? NEPHOS_OK : NEPHOS_ERROR_DATA;
}
