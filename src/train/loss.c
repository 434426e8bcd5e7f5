// SPDX-License-Identifier: MIT
#include "train/loss.h"

#include "op/classes.h"
#include "region_loss.h"

#include <string.h>

#define AT(member) offsetof(struct train_loss, member)

const struct loss_term loss_terms[] = {
    {"bce", AT(bce), "bce_with_logits", 0},
    {"ce", AT(ce), "softmax_cross_entropy", 0},
    {"dice", AT(dice), "region_loss", REGION_DICE},
    {"dice-positive", AT(dice_positive), "region_loss", REGION_DICE_POSITIVE},
    {"jaccard", AT(jaccard), "region_loss", REGION_JACCARD},
    {"tversky", AT(tversky), "region_loss", REGION_TVERSKY},
    {"focal-tversky", AT(focal_tversky), "region_loss", REGION_FOCAL_TVERSKY},
    {"mcc", AT(mcc), "region_loss", REGION_MCC},
    {"focal", AT(focal), "focal_loss", 0},
    {"lovasz", AT(lovasz), "lovasz_loss", 0},
    {NULL, 0, NULL, 0},
};

const struct loss_term *loss_find(const char *name, size_t length)
{
    for (const struct loss_term *term = loss_terms; term->name; term++)
        if (strlen(term->name) == length && memcmp(term->name, name, length) == 0) return term;
    return NULL;
}

float loss_weight(const struct train_loss *loss, const struct loss_term *term)
{
    return *(const float *)((const char *)loss + term->weight);
}

bool loss_is_multiclass(const struct train_loss *loss)
{
    return loss->class_mode == TRAIN_MULTICLASS || (loss->class_mode == TRAIN_CLASS_MODE_AUTO && loss->ce > 0);
}

// --- checks -----------------------------------------------------------------------------------------------------------

static enum nephos_status check_mode(struct nephos_log *log, const struct train_loss *loss, bool exclusive, const char *path)
{
    if (loss->ce > 0 && loss->class_mode == TRAIN_MULTILABEL)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "--loss with ce is for one class per pixel; with --class-mode multilabel use bce");
    if (loss->bce > 0 && loss->class_mode == TRAIN_MULTICLASS)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "--loss with bce is for classes that may overlap; with --class-mode multiclass use ce");
    if (!loss_is_multiclass(loss) || exclusive) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%s needs one class per pixel, but the classes of %s may overlap; use %s",
                     loss->ce > 0 ? "--loss with ce" : "--class-mode multiclass", path, loss->ce > 0 ? "bce" : "multilabel");
}

static enum nephos_status check_list(struct nephos_log *log, const char *name, const struct train_list *list, uint32_t most,
                                     uint32_t class_count)
{
    if (list->count > 1 && list->count != class_count)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "--%s has %u numbers for %u classes; give one for all, or one per class", name,
                         list->count, class_count);
    if (list->count <= most) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_ARGUMENT, "--%s has %u numbers; with bce at most %u classes can have their own", name, list->count,
                     most);
}

// A setting that would change nothing is a mistake.
static enum nephos_status check_used(struct nephos_log *log, const struct train_loss *loss)
{
    const struct {
        const char *name, *terms;
        bool set, used;
    } settings[] = {
        {"pos-weight", "bce", loss->pos_weight.count > 0, loss->bce > 0},
        {"class-weight", "bce or ce", loss->class_weight.count > 0, loss->bce > 0 || loss->ce > 0},
        {"label-smoothing", "bce or ce", loss->label_smoothing > 0, loss->bce > 0 || loss->ce > 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(settings); i++) {
        if (settings[i].set && !settings[i].used)
            return base_fail(log, NEPHOS_ERROR_ARGUMENT, "--%s is for the term %s, which --loss does not have", settings[i].name,
                             settings[i].terms);
    }
    return NEPHOS_OK;
}

enum nephos_status loss_check(struct nephos_log *log, const struct train_loss *loss, bool exclusive, uint32_t class_count, const char *path)
{
    enum nephos_status status;
    TRY(check_mode(log, loss, exclusive, path));
    TRY(check_used(log, loss));
    TRY(check_list(log, "pos-weight", &loss->pos_weight, OP_MAX_POS_WEIGHTS, class_count));
    TRY(check_list(log, "class-weight", &loss->class_weight, loss->bce > 0 ? OP_MAX_POS_WEIGHTS : OP_MAX_CLASS_WEIGHTS, class_count));
fail:
    return status;
}

// --- graph ------------------------------------------------------------------------------------------------------------

static void set_weights(const struct train_loss *loss, struct op_attr *attr)
{
    attr->label_smoothing = loss->label_smoothing;
    attr->class_weights = loss->class_weight.count;
    memcpy(attr->class_weight, loss->class_weight.values, sizeof attr->class_weight);
    attr->pos_weights = loss->bce > 0 ? loss->pos_weight.count : 0;
    memcpy(attr->pos_weight, loss->pos_weight.values, sizeof attr->pos_weight);
}

static struct op_attr term_attr(const struct train_loss *loss, const struct loss_term *term, bool multiclass)
{
    struct op_attr attr = {.mode = multiclass ? OP_CLASSES_SOFTMAX : OP_CLASSES_SIGMOID, .ignore_index = LOSS_IGNORE_INDEX};
    attr.region = term->region;
    if (term->weight == AT(bce) || term->weight == AT(ce)) set_weights(loss, &attr);
    if (term->region == REGION_TVERSKY || term->region == REGION_FOCAL_TVERSKY) {
        attr.alpha = loss->tversky_alpha;
        attr.beta = loss->tversky_beta;
        attr.gamma = loss->focal_tversky_gamma;
    }
    if (term->weight == AT(focal)) {
        attr.alpha = loss->focal_alpha;
        attr.gamma = loss->focal_gamma;
    }
    return attr;
}

// weighted_sum takes three operands: what is there already becomes the first of the next.
struct sum {
    op_id terms[3];
    struct op_attr attr;
    uint32_t count;
};

static void add_term(struct net_graph *graph, struct sum *sum, op_id term, float weight)
{
    if (sum->count == ARRAY_COUNT(sum->terms)) {
        sum->terms[0] = net_add(graph, "weighted_sum", "loss", &sum->attr, sum->terms, sum->count, NULL);
        sum->attr = (struct op_attr){.weights = {1}};
        sum->count = 1;
    }
    sum->attr.weights[sum->count] = weight;
    sum->terms[sum->count++] = term;
}

op_id loss_add(struct net_graph *graph, const struct train_loss *loss, bool multiclass, op_id logits, op_id target)
{
    const op_id in[2] = {logits, target};
    struct sum sum = {.count = 0};
    for (const struct loss_term *term = loss_terms; term->name; term++) {
        if (loss_weight(loss, term) == 0) continue;
        const struct op_attr attr = term_attr(loss, term, multiclass);
        add_term(graph, &sum, net_add(graph, term->op, term->name, &attr, in, 2, NULL), loss_weight(loss, term));
    }
    return net_add(graph, "weighted_sum", "loss", &sum.attr, sum.terms, sum.count, NULL);
}
