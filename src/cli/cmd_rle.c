// SPDX-License-Identifier: MIT
#include "app.h"
#include "commands.h"
#include "options.h"
#include "terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int encode(int argc, char **argv)
{
    struct app app = {0};
    const char *path = NULL;
    const struct option options[] = {
        {"mask", OPTION_TEXT, &path, "FILE", "PNG with one channel; what is not 0 is set", true},
    };
    const struct usage usage = {
        "rle encode", "--mask FILE",
        "Prints the run-length code of a mask: pairs 'start length', 1-based, column by column.",
        options, sizeof options / sizeof options[0],
        "  nephos rle encode --mask masks/0011165_Fish.png\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    uint8_t *mask = NULL;
    char *text = NULL;
    uint32_t height, width;
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = nephos_mask_read(app.log, path, &mask, &height, &width);
    if (status == NEPHOS_OK) status = nephos_rle_encode(app.log, mask, height, width, &text);
    if (status == NEPHOS_OK) puts(text);
    nephos_free(text);
    nephos_free(mask);
    return app_finish(&app, status);
}

struct source { // of the code to decode; standard input when neither text nor csv is given
    const char *text, *csv, *image, *label;
};

static enum nephos_status file_error(const char *path)
{
    terminal_error("can't read %s: %s", path, strerror(errno));
    return NEPHOS_ERROR_FILE;
}

static void cut_line_end(char *line) { line[strcspn(line, "\r\n")] = 0; }

// The codes of "IMAGE_LABEL,codes" in `csv`.
static enum nephos_status find_row(const struct source *source, char **found)
{
    FILE *file = fopen(source->csv, "r");
    if (!file) return file_error(source->csv);
    size_t capacity = 0, image_length = strlen(source->image), label_length = strlen(source->label);
    char *line = NULL;
    while (getline(&line, &capacity, file) >= 0) {
        cut_line_end(line);
        const char *label = line + image_length + 1;
        if (strncmp(line, source->image, image_length) || line[image_length] != '_' || strncmp(label, source->label, label_length) ||
            label[label_length] != ',')
            continue;
        *found = strdup(label + label_length + 1);
        free(line);
        fclose(file);
        return *found ? NEPHOS_OK : NEPHOS_ERROR_MEMORY;
    }
    free(line);
    fclose(file);
    terminal_error("%s has no row for %s_%s", source->csv, source->image, source->label);
    return NEPHOS_ERROR_DATA;
}

static enum nephos_status read_codes(const struct source *source, char **codes)
{
    if (source->csv) return find_row(source, codes);
    char *line = NULL;
    size_t capacity = 0;
    if (source->text) line = strdup(source->text);
    else if (getline(&line, &capacity, stdin) < 0) {
        free(line);
        line = strdup(""); // nothing at all is the code of an empty mask
    }
    if (!line) return NEPHOS_ERROR_MEMORY;
    cut_line_end(line);
    *codes = line;
    return NEPHOS_OK;
}

static enum nephos_status decode_to_file(struct app *app, const struct source *source, const char *path, uint32_t height, uint32_t width)
{
    char *codes = NULL;
    uint8_t *mask = NULL;
    enum nephos_status status = read_codes(source, &codes);
    if (status == NEPHOS_OK) {
        mask = malloc((size_t)height * width);
        if (!mask) status = NEPHOS_ERROR_MEMORY;
    }
    if (status == NEPHOS_ERROR_MEMORY) terminal_error("out of memory for a mask of %ux%u", width, height);
    if (status == NEPHOS_OK) status = nephos_rle_decode(app->log, codes, height, width, mask);
    if (status == NEPHOS_OK) status = nephos_mask_write(app->log, path, mask, height, width);
    free(mask);
    free(codes);
    return status;
}

static int decode(int argc, char **argv)
{
    struct app app = {0};
    struct source source = {0};
    uint32_t height = 0, width = 0;
    const char *path = NULL;
    const struct option options[] = {
        {"height", OPTION_COUNT, &height, "H", "of the frame the code refers to", true, 1, 65536},
        {"width", OPTION_COUNT, &width, "W", "of that frame", true, 1, 65536},
        {"out", OPTION_TEXT, &path, "FILE", "PNG to write: 0 and 255", true},
        {"text", OPTION_TEXT, &source.text, "CODE", "the code itself (default: one line from standard input)"},
        {"csv", OPTION_TEXT, &source.csv, "FILE", "take the code from this file (Image_Label,EncodedPixels)"},
        {"image", OPTION_TEXT, &source.image, "NAME", "with --csv: the image's file name"},
        {"label", OPTION_TEXT, &source.label, "CLASS", "with --csv: the class"},
    };
    const struct usage usage = {
        "rle decode", "--height H --width W --out FILE [--text CODE | --csv FILE --image NAME --label CLASS]",
        "Writes the mask that a run-length code describes.",
        options, sizeof options / sizeof options[0],
        "  nephos rle decode --height 3 --width 4 --text '2 2 7 3' --out mask.png\n"
        "  nephos rle decode --height 1400 --width 2100 --csv train.csv --image 0011165.jpg --label Fish --out fish.png\n",
    };
    int code = options_parse(&usage, argc, argv);
    if (code >= 0) return code;
    if (!source.csv != !source.image || !source.csv != !source.label || (source.csv && source.text)) {
        terminal_error("--csv, --image and --label belong together, and exclude --text");
        return EXIT_USAGE;
    }
    enum nephos_status status = app_open(&app);
    if (status == NEPHOS_OK) status = decode_to_file(&app, &source, path, height, width);
    return app_finish(&app, status);
}

int cmd_rle(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "encode")) return encode(argc - 1, argv + 1);
    if (argc > 1 && !strcmp(argv[1], "decode")) return decode(argc - 1, argv + 1);
    static const char help[] = "Usage: nephos rle encode|decode [options]\n\n"
                               "Run-length codes of masks: pairs 'start length', 1-based, column by column (down, then right).\n\n"
                               "  nephos rle encode --help\n  nephos rle decode --help\n";
    bool asked = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
    if (!asked) terminal_error("rle needs 'encode' or 'decode'");
    fputs(help, asked ? stdout : stderr);
    return asked ? 0 : EXIT_USAGE;
}
