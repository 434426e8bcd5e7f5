// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"

#include <stdio.h>

int cmd_synth(int argc, char **argv)
{
    struct app app = {0};
    struct nephos_synth_params params = {.images = 64, .height = 128, .width = 192};
    const struct option options[] = {
        {"out", OPTION_TEXT, &params.out_dir, "DIR", "folder to write; made when missing", true},
        {"images", OPTION_COUNT, &params.images, "N", "number of images (default 64)", .low = 1, .high = 1000000},
        {"height", OPTION_COUNT, &params.height, "H", "of the images (default 128)", .low = 32, .high = 8192},
        {"width", OPTION_COUNT, &params.width, "W", "of the images (default 192)", .low = 32, .high = 8192},
        {"seed", OPTION_SEED, &params.seed, "N", "another seed draws other clouds (default 0)"},
    };
    const struct usage usage = {
        "synth", "--out DIR [options]",
        "Draws cloud images of four classes with their masks, in the layout of the competition: images/, train.csv with\n"
        "run-length codes, classes.txt and split.csv. The same seed gives the same files.",
        options, sizeof options / sizeof options[0],
        "  nephos synth --out clouds\n"
        "  nephos synth --out large --images 500 --height 256 --width 384 --seed 7\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = nephos_synth(app.log, &params);
    if (status == NEPHOS_OK) printf("%u images of %ux%u pixels in %s\n", params.images, params.width, params.height, params.out_dir);
    return app_finish(&app, status);
}
