// SPDX-License-Identifier: MIT
// The program: picks a command from the table.
#include "commands.h"
#include "options.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"devices", "list the Vulkan devices of this machine", cmd_devices},
    {"synth", "write a small set of drawn clouds, to try things with", cmd_synth},
    {"analyze", "tell what a data set consists of and what is wrong with it", cmd_analyze},
    {"augment", "draw what augmentation does to images and masks", cmd_augment},
    {"config", "print every setting of a training, with comments", cmd_config},
    {"train", "train a network on images with masks", cmd_train},
    {"compare", "put training runs side by side", cmd_compare},
    {"evaluate", "score a trained model on labelled images", cmd_evaluate},
    {"predict", "write the masks a model finds in images", cmd_predict},
    {"submit", "check a submission file as the competition would, and score it", cmd_submit},
    {"check", "compare every kernel with its reference on this device", cmd_check},
    {"bench", "measure operators and whole steps", cmd_bench},
    {"rle", "encode and decode run-length masks", cmd_rle},
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(FILE *stream)
{
    fprintf(stream, "Usage: nephos COMMAND [options]\n\nTrains and runs segmentation networks on any Vulkan device.\n\nCommands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(stream, "\n  nephos COMMAND --help   options and examples of a command\n"
                    "  nephos --version        the version\n\n"
                    "From nothing to masks:\n"
                    "  nephos synth --out clouds\n"
                    "  nephos train --data clouds --out run --encoder resnet18 --encoder-width 8 --height 64 --width 96\n"
                    "  nephos predict --model run --images clouds/images --out masks\n\n"
                    "Exit codes: 0 ok, 1 error, 2 usage, 3 bad input data, 4 no usable device, 5 out of memory, 6 device lost,\n"
                    "            7 self test failed, 8 training diverged, 130 interrupted\n");
}

static int unknown_command(const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i].name;
    terminal_error("unknown command '%s'%s", name, options_hint(name, names, COMMAND_COUNT, ""));
    terminal_message("nephos --help lists the commands");
    return 2;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return 0;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("nephos %s\n", NEPHOS_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(argv[1], commands[i].name)) return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    terminal_init();
    int code = run(argc, argv);
    // Results that did not arrive (a full disk behind a redirection) are a failure too.
    if ((fflush(stdout) || ferror(stdout)) && !code) {
        terminal_error("can't write to standard output");
        code = 1;
    }
    return code;
}
