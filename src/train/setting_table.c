// SPDX-License-Identifier: MIT
// The table of settings, in the order of the help and of config.ini.
#include "augment.h"
#include "train/monitor.h"
#include "train/setting.h"

#define AT(member) offsetof(struct train_settings, member)

const struct setting train_setting_table[] = {
    {"data", SETTING_PATH, AT(data), "", 0, 0, 0, NULL,
     "folder of the data set: train.csv beside the images, or images/ and masks/ or masks_bits/"},
    {"out", SETTING_PATH, AT(out), "", 0, 0, 0, NULL, "run directory to write; made when missing"},
    {"arch", SETTING_CHOICE, AT(arch), "unet", 0, 0, 0, "unet", "architecture"},
    {"encoder", SETTING_NAME, AT(encoder), "resnet34", 0, 0, 0, "resnet18|resnet34|resnet50|none",
     "encoder of the U-Net; none: a plain U-Net of double convolutions"},
    {"encoder-width", SETTING_COUNT, AT(encoder_width), "64", 4, 256, 4, NULL,
     "channels of the first stage, a multiple of 4; all others scale with it. 64 is the published network"},
    {"height", SETTING_COUNT, AT(height), "256", 32, 8192, 0, NULL, "images are resized to this height for the network"},
    {"width", SETTING_COUNT, AT(width), "384", 32, 8192, 0, NULL, "images are resized to this width for the network"},
    {"batch", SETTING_COUNT, AT(batch), "8", 1, 1024, 0, "auto",
     "images per training step; auto: as many as the device has memory for, and no more than leaves an epoch 16 steps"},
    {"micro-batch", SETTING_COUNT, AT(micro_batch), "0", 0, 1024, 0, "auto",
     "images computed at once, where the batch needs more memory than there is: gradients are added up over the batch. Batch norm and "
     "the Dice loss then see only so many images. 0: the whole batch; auto: as many as fit"},
    {"recompute", SETTING_CHOICE, AT(recompute), "auto", 0, 0, 0, "off|on|auto",
     "make tensors that are cheap to make again in the backward pass instead of keeping them: the same numbers in less memory, a little "
     "slower. auto: where the batch does not fit otherwise"},
    {"epochs", SETTING_COUNT, AT(epochs), "30", 1, 100000, 0, NULL, "passes over the training images"},
    {"lr", SETTING_FLOAT, AT(lr), "0.001", 1e-9, 100, 0, NULL, "learning rate"},
    {"optimizer", SETTING_CHOICE, AT(optimizer), "adam", 0, 0, 0, "adam|adamw|sgd", "adamw decouples the weight decay from the gradient"},
    {"momentum", SETTING_FLOAT, AT(momentum), "0.9", 0, 0.9999, 0, NULL, "momentum of sgd"},
    {"nesterov", SETTING_BOOL, AT(nesterov), "false", 0, 0, 0, NULL, "sgd looks ahead along its momentum"},
    {"weight-decay", SETTING_FLOAT, AT(weight_decay), "0", 0, 10, 0, NULL, "pull of every weight towards zero"},
    {"loss", SETTING_LOSS, AT(loss), "bce+dice", 0, 0, 0, NULL,
     "terms joined by '+', each with a weight if wanted (0.75*bce+0.25*dice): bce, ce, dice, dice-positive, jaccard, tversky, "
     "focal-tversky, mcc, focal, lovasz. ce: one class per pixel; dice-positive: over the images that have the class"},
    {"class-mode", SETTING_CHOICE, AT(loss.class_mode), "auto", 0, 0, 0, "auto|multilabel|multiclass",
     "multilabel: classes may overlap, a sigmoid each; multiclass: one class per pixel, a softmax. auto: multiclass where the loss has ce"},
    {"pos-weight", SETTING_LIST, AT(loss.pos_weight), "", 0.001, 1000, 0, NULL,
     "weight of set pixels in bce: one number, or one per class, joined by ','"},
    {"class-weight", SETTING_LIST, AT(loss.class_weight), "", 0, 1000, 0, NULL, "weight of classes in bce and ce: one per class, joined by ','"},
    {"label-smoothing", SETTING_FLOAT, AT(loss.label_smoothing), "0", 0, 0.49, 0, NULL,
     "share of the target that bce gives to the opposite, and ce to all classes alike"},
    {"tversky-alpha", SETTING_FLOAT, AT(loss.tversky_alpha), "0.5", 0, 10, 0, NULL, "weight of false positives in tversky and focal-tversky"},
    {"tversky-beta", SETTING_FLOAT, AT(loss.tversky_beta), "0.5", 0, 10, 0, NULL, "weight of false negatives in tversky and focal-tversky"},
    {"focal-tversky-gamma", SETTING_FLOAT, AT(loss.focal_tversky_gamma), "0.75", 0.1, 10, 0, NULL, "exponent of focal-tversky"},
    {"focal-alpha", SETTING_FLOAT, AT(loss.focal_alpha), "0.25", 0, 1, 0, NULL,
     "weight of set pixels in focal, the others have the rest to 1; 0: all weigh 1"},
    {"focal-gamma", SETTING_FLOAT, AT(loss.focal_gamma), "2", 0, 10, 0, NULL, "exponent of focal: the higher, the less easy pixels count"},
    {"class-head", SETTING_FLOAT, AT(class_head), "0", 0, 100, 0, NULL,
     "a second head on the encoder that tells which classes an image has: weight of its loss beside that of the masks; 0: no such head"},
    {"clip-norm", SETTING_FLOAT, AT(clip_norm), "0", 0, 1e6, 0, NULL, "longest gradient of a step, longer ones are shortened; 0: off"},
    {"dropout", SETTING_FLOAT, AT(dropout), "0", 0, 0.95, 0, NULL, "share of the deepest features dropped while training"},
    {"schedule", SETTING_CHOICE, AT(schedule), "constant", 0, 0, 0, "constant|cosine", "course of the learning rate after the warm-up"},
    {"warmup", SETTING_COUNT, AT(warmup), "0", 0, 1000, 0, NULL, "epochs in which the learning rate rises from zero"},
    {"patience", SETTING_COUNT, AT(patience), "10", 0, 100000, 0, NULL,
     "stop after so many epochs without a better value of --monitor; 0: never"},
    {"monitor", SETTING_CHOICE, AT(monitor), "val-dice", 0, 0, 0, TRAIN_MONITORS,
     "what decides which epoch is the best one, kept as best.safetensors, and when patience is at its end"},
    {"min-delta", SETTING_FLOAT, AT(min_delta), "0", 0, 1e6, 0, NULL,
     "patience counts a value as better only if it is so by more than this; the best epoch is kept all the same"},
    {"rollbacks", SETTING_COUNT, AT(rollbacks), "2", 0, 100, 0, NULL,
     "where the loss or the gradient is not finite: go back to the last good checkpoint, so many times in a row. 0: end at once"},
    {"rollback-lr", SETTING_FLOAT, AT(rollback_lr), "0.5", 1e-6, 1, 0, NULL,
     "factor on the learning rate from a rollback on; with 1 a device that repeats itself fails again"},
    {"val-share", SETTING_FLOAT, AT(val_share), "0.2", 0.001, 0.9, 0, NULL,
     "share of the images kept for validation, where no split.csv tells"},
    {"flip", SETTING_CHOICE, AT(flip), "hv", 0, 0, 0, "none|h|v|hv", "random flips of training images: left-right, upside down"},
    {"augment", SETTING_CHOICE, AT(augment_preset), "none", 0, 0, 0, TRAIN_AUGMENT_PRESETS,
     "further random changes of training images and their masks, beside --flip. clouds: shift, scale, rotation, grid distortion. The "
     "settings below say preset where it decides"},
#define AUGMENT(member, name, low, high, none, light, clouds, strong, help) \
    {name, SETTING_FLOAT, AT(augment.member), "preset", low, high, 0, "preset", help},
#include "train/augment.def"
#undef AUGMENT
    {"augment-grid-cells", SETTING_COUNT, AT(augment.grid_cells), "5", 1, AUGMENT_GRID_MOST, 0, NULL,
     "cells of a grid distortion along each side"},
    {"augment-elastic-cells", SETTING_COUNT, AT(augment.elastic_cells), "4", 1, AUGMENT_ELASTIC_MOST, 0, NULL,
     "cells of an elastic distortion along each side, with a control point at each corner"},
    {"augment-dropout-holes", SETTING_COUNT, AT(augment.dropout_holes), "4", 1, AUGMENT_HOLES_MOST, 0, NULL, "most holes in an image"},
    {"seed", SETTING_SEED, AT(seed), "0", 0, 0, 0, NULL, "decides weights, order, split and augmentation"},
    {"threshold", SETTING_FLOAT, AT(threshold), "0.5", 0.01, 0.99, 0, NULL, "probability from which a pixel counts as set"},
    {"examples", SETTING_COUNT, AT(examples), "6", 0, 64, 0, NULL, "validation images shown in the report"},
    {"log-every", SETTING_COUNT, AT(log_every), "0", 0, 1000000, 0, NULL,
     "every so many steps a row of steps.csv: loss, lr, length of the gradient; 0: none"},
    {"init", SETTING_PATH, AT(init), "", 0, 0, 0, NULL, "weights to start from (.safetensors); those of the encoder alone will do"},
    {"resume", SETTING_BOOL, AT(resume), "false", 0, 0, 0, NULL, "go on from the last checkpoint of the run directory"},
    {"threads", SETTING_COUNT, AT(threads), "0", 0, 256, 0, NULL, "threads that decode images; 0: one per processor"},
    {"device", SETTING_TEXT, AT(device), "auto", 0, 0, 0, NULL, "index, part of the name, or UUID (see nephos devices)"},
    {"kernels", SETTING_NAME, AT(kernels), "auto", 0, 0, 0, "auto|baseline|tile|matrix|software",
     "auto: the fastest here; baseline: only what every Vulkan driver guarantees; else a family wherever it can be used"},
    {"fuse", SETTING_CHOICE, AT(fuse), "on", 0, 0, 0, "off|on", "join operators that follow one another; off: the same numbers, slower"},
    {"precision", SETTING_CHOICE, AT(precision), "fp32", 0, 0, 0, "fp32|fp16|bf16|auto",
     "fp16: convolutions round their operands to halves and add up in single precision, the loss is scaled; needs matrix units in the "
     "device. bf16: the same with fewer digits and the range of floats, so without a scale. auto: on a GPU fp16 where it has units for it, "
     "else bf16; else fp32"},
    {"storage", SETTING_CHOICE, AT(storage), "auto", 0, 0, 0, "fp32|fp16|bf16|auto",
     "numbers in which activations and their gradients are stored. fp16, bf16: half the memory, on any device and with any --precision; "
     "fp16 scales the loss. auto: on a GPU what --precision comes to, else fp32"},
    {"profile", SETTING_BOOL, AT(profile), "false", 0, 0, 0, NULL, "time every kernel; a table, and trace.json in the run directory"},
};
const size_t train_setting_count = ARRAY_COUNT(train_setting_table);
