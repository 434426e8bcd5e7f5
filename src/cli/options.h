// SPDX-License-Identifier: MIT
// Long options and help, both from one table per command: --name VALUE, --name=VALUE, --flag.
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <nephos/nephos.h>

enum option_kind {
    OPTION_FLAG,    // bool *
    OPTION_TEXT,    // const char **
    OPTION_COUNT,   // uint32_t *, low..high
    OPTION_BATCH,   // as OPTION_COUNT, or NEPHOS_BATCH_AUTO for "auto"
    OPTION_SEED,    // uint64_t *
    OPTION_NUMBER,  // double *, low..high
    OPTION_LIST,    // struct option_list *: one or more values
    OPTION_SETTING, // struct nephos_config *: the setting of that name
};

struct option_list {
    const char **items; // room for argc entries
    size_t count;
};

struct option {
    const char *name;     // without the dashes
    enum option_kind kind;
    void *target;
    const char *argument; // "DIR" in the help; NULL: needs no value
    const char *help;
    bool required;
    double low, high;
};

struct usage {
    const char *command;  // "train"
    const char *synopsis; // "--data DIR --out RUN [options]"
    const char *summary;  // one or two sentences
    const struct option *options;
    size_t option_count;
    const char *examples; // lines
    struct option_list *words; // arguments without a name, at least one; NULL: there are none
    const char *words_name;    // "RUN"
};

// Reads argv[1...]. Returns -1 to go on, else the exit code: 0 after --help, 2 after a usage error, which has been reported.
int options_parse(const struct usage *usage, int argc, char **argv);

// "; did you mean 'NAME'?" or "". The text lives until the next call.
const char *options_hint(const char *word, const char *const *names, size_t count, const char *prefix);

#endif
