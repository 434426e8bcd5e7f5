// SPDX-License-Identifier: MIT
// Runs the built program as a user would.
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#define OUTPUT_SIZE 65536

struct program_result {
    int code;               // exit code; 128 + N after signal N
    char out[OUTPUT_SIZE];  // standard output and error, cut where longer
    char err[OUTPUT_SIZE];
};

// `command` is a shell line in which "nephos" is the program, "$P" its path, and "$T" this test's own scratch folder, which is also
// the current one. The result lives until the next call.
const struct program_result *program_run(const char *command);
// Runs and asserts the exit code; prints everything where it differs.
const struct program_result *program_expect(int code, const char *command);
// For a test suite's .init and .fini.
void program_init(void);
void program_fini(void);

#endif
