// SPDX-License-Identifier: MIT
// One function per command: argv[0] is the command's name; returns the exit code.
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int cmd_devices(int argc, char **argv);
int cmd_synth(int argc, char **argv);
int cmd_analyze(int argc, char **argv);
int cmd_augment(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_train(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_predict(int argc, char **argv);
int cmd_submit(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_rle(int argc, char **argv);

#endif
