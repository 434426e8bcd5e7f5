// SPDX-License-Identifier: MIT
// Numbers are written exactly: integers in decimal, doubles in hexadecimal.
#include "train/state.h"

#include "base/file.h"
#include "base/number.h"

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
    char **grown = realloc(*pairs, (*count + 10) * 2 * sizeof **pairs);
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
    complete = complete && add_pair(grown, count, PREFIX "best_dice", base_format("%a", state->best_dice));
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

enum nephos_status train_state_read(const struct safetensors *file, struct train_state *state)
{
    uint64_t epoch = 0, step_in_epoch = 0, best_epoch = 0;
    const char *tally;
    const bool complete =
        read_count(file, PREFIX "seed", UINT64_MAX, &state->seed) && read_count(file, PREFIX "steps", UINT32_MAX, &state->steps) &&
        read_count(file, PREFIX "epoch", UINT32_MAX, &epoch) && read_count(file, PREFIX "step_in_epoch", UINT32_MAX, &step_in_epoch) &&
        read_count(file, PREFIX "best_epoch", UINT32_MAX, &best_epoch) && read_double(file, PREFIX "loss_sum", &state->loss_sum) &&
        read_double(file, PREFIX "seconds", &state->seconds) && read_double(file, PREFIX "wait_seconds", &state->wait_seconds) &&
        read_double(file, PREFIX "best_dice", &state->best_dice) && (tally = text_of(file, PREFIX "tally")) &&
        (tally_parse(&state->tally, tally) || refuse(file, PREFIX "tally", tally));
    state->epoch = (uint32_t)epoch;
    state->step_in_epoch = (uint32_t)step_in_epoch;
    state->best_epoch = (uint32_t)best_epoch;
    return complete ? NEPHOS_OK : NEPHOS_ERROR_DATA;
}
