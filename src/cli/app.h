// SPDX-License-Identifier: MIT
// What the commands share: log, device, exit codes, JSON.
#ifndef CLI_APP_H
#define CLI_APP_H

#include <jansson.h>
#include <nephos/nephos.h>

#define EXIT_USAGE 2
#define EXIT_NO_DEVICE 4

struct app {
    struct nephos_log *log;
    struct nephos_device *device;
    // Of the commands that open a device; filled from the options.
    const char *select, *kernels;
    bool json;
};

enum nephos_status app_open(struct app *app);
// The pipeline cache is in $XDG_CACHE_HOME/nephos or ~/.cache/nephos.
enum nephos_status app_open_device(struct app *app, bool profile);
void app_close(struct app *app);
// open + device; ready for `return app_finish(&app, status)`.
int app_finish(struct app *app, enum nephos_status status);

int app_exit_code(enum nephos_status status);

// null where a number is not finite.
json_t *app_json_number(double value);
// Prints and releases the document; NEPHOS_ERROR_MEMORY where it is NULL.
enum nephos_status app_json_print(json_t *document);

// Rows of a table of options that clean up masks: `post` is a struct nephos_post_params.
#define APP_POST_OPTIONS(post)                                                                                                              \
    {"fill-holes", OPTION_FLAG, &(post).fill_holes, NULL, "set what set pixels of a mask enclose"},                                         \
        {"min-area", OPTION_COUNT, &(post).min_area, "N",                                                                                  \
         "clear components of a mask with fewer pixels, counted at the size the network works at", .low = 1, .high = 4294967295},           \
    {                                                                                                                                      \
        "shape", OPTION_TEXT, &(post).shape, "none|convex|rectangle",                                                                       \
            "make each component of a mask its convex hull or its bounding rectangle (default none)"                                        \
    }

// Option rows shared by the commands that run a model, and by those that use a device.
#define APP_PRECISION_OPTION(text)                                                                                                     \
    {"precision", OPTION_TEXT, &(text), "fp32|fp16|bf16|auto", \
     "what convolutions round their operands to, where the device has matrix units for it (default fp32; see nephos train --help)"}
#define APP_DEVICE_OPTIONS(app)                                                                                                        \
    {"device", OPTION_TEXT, &(app).select, "SEL", "index, part of the name, or UUID (default: the first usable; see nephos devices)"}, \
    {"kernels", OPTION_TEXT, &(app).kernels, "KERNELS", \
     "auto (default): the fastest here; baseline: only what every Vulkan driver guarantees; tile, matrix, software: those"}

#endif
