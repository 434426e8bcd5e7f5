// SPDX-License-Identifier: MIT
#include "train/cross.h"

#include "base/file.h"
#include "train/config.h"

#include <stdlib.h>
#include <string.h>

struct cross {
    struct gpu *gpu;
    struct nephos_log *log;
    const struct nephos_config *config;
    struct train_settings settings;
    nephos_progress_fn progress;
    void *user;
};

static enum nephos_status check(const struct cross *cross)
{
    const struct train_settings *s = &cross->settings;
    if (s->folds == 1) return base_fail(cross->log, NEPHOS_ERROR_ARGUMENT, "--folds 1 leaves nothing to train on; 2 or more");
    if (s->fold <= s->folds) return NEPHOS_OK;
    return base_fail(cross->log, NEPHOS_ERROR_ARGUMENT, "--fold %u of --folds %u: there is none", s->fold, s->folds);
}

static bool is_one_fold(const struct train_settings *s)
{
    char name[32];
    const char *slash = strrchr(s->out, '/');
    snprintf(name, sizeof name, "fold-%u", s->fold);
    return s->fold > 0 && strcmp(slash ? slash + 1 : s->out, name) == 0;
}

static enum nephos_status fold_config(const struct cross *cross, uint32_t fold, const char *out, struct nephos_config **config)
{
    enum nephos_status status = nephos_config_create(cross->log, config);
    char number[16], *last = base_format("%s/last.safetensors", out);
    if (status == NEPHOS_OK && !last) status = NEPHOS_ERROR_MEMORY;
    struct nephos_setting_info info;
    for (size_t i = 0; status == NEPHOS_OK && nephos_config_setting(i, &info); i++)
        status = nephos_config_set(*config, info.name, nephos_config_get(cross->config, info.name));
    snprintf(number, sizeof number, "%u", fold);
    if (status == NEPHOS_OK) status = nephos_config_set(*config, "fold", number);
    if (status == NEPHOS_OK) status = nephos_config_set(*config, "out", out);
    // A fold that was not begun when the run was interrupted begins now.
    if (status == NEPHOS_OK && !base_file_exists(last)) status = nephos_config_set(*config, "resume", "false");
    free(last);
    return status;
}

static enum nephos_status save_score(const struct cross *cross, const char *out, const struct tally *tally)
{
    char *path = base_format("%s/score.txt", out), *text = tally_format(tally);
    const enum nephos_status status = path && text ? base_file_write(cross->log, path, text, strlen(text))
                                                   : base_fail(cross->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", out);
    free(path);
    free(text);
    return status;
}

static enum nephos_status train_fold(const struct cross *cross, uint32_t fold)
{
    enum nephos_status status;
    struct nephos_config *config = NULL;
    struct tally tally = {0};
    char *out = base_format("%s/fold-%u", cross->settings.out, fold);
    if (!out) FAIL(cross->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", cross->settings.out);
    base_info(cross->log, "fold %u of %u: %s", fold, cross->settings.folds, out);
    TRY(fold_config(cross, fold, out, &config));
    TRY(trainer_run(cross->gpu, config, cross->progress, cross->user, &tally));
    TRY(save_score(cross, out, &tally));
    TRY(cross_report(cross->log, cross->settings.out, cross->settings.folds, &tally));
fail:
    nephos_config_destroy(&config);
    tally_free(&tally);
    free(out);
    return status;
}

// For --resume --out RUN, which goes on with all folds.
static enum nephos_status describe(const struct cross *cross)
{
    enum nephos_status status = base_dir_create(cross->log, cross->settings.out);
    char *path = base_format("%s/config.ini", cross->settings.out);
    if (status == NEPHOS_OK) status = path ? config_save(cross->config, &cross->settings, path) : NEPHOS_ERROR_MEMORY;
    free(path);
    return status;
}

enum nephos_status cross_run(struct gpu *gpu, const struct nephos_config *config, nephos_progress_fn progress, void *user)
{
    enum nephos_status status;
    struct cross cross = {.gpu = gpu, .log = gpu_log(gpu), .config = config, .progress = progress, .user = user};
    const struct train_settings *s = &cross.settings;
    TRY(config_resolve(config, &cross.settings));
    TRY(check(&cross));
    if (s->folds == 0 || is_one_fold(s)) return trainer_run(gpu, config, progress, user, NULL);
    const uint32_t first = s->fold ? s->fold : 1, last = s->fold ? s->fold : s->folds;
    for (uint32_t fold = first; fold <= last; fold++) {
        status = train_fold(&cross, fold);
        if (status != NEPHOS_OK) break;
    }
    // Not before: settings and data that were found wrong leave nothing behind. An interrupted run is described, too.
    if (base_dir_exists(s->out) && (status == NEPHOS_OK || status == NEPHOS_INTERRUPTED)) {
        const enum nephos_status described = describe(&cross);
        if (described != NEPHOS_OK) status = described;
    }
fail:
    return status;
}
