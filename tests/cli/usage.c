// SPDX-License-Identifier: MIT
// What needs no training: help, options, exit codes, run-length codes.
#include "cli/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(usage, .init = program_init, .fini = program_fini);

#define HAS(text, part) cr_assert(strstr(text, part), "no '%s' in:\n%s", part, text)
#define LACKS(text, part) cr_assert(!strstr(text, part), "'%s' in:\n%s", part, text)

Test(usage, every_command_has_help_with_examples)
{
    static const char *const commands[] = {"devices", "synth", "config", "compare", "train",      "evaluate",  "predict",
                                           "augment", "submit", "analyze", "check", "bench",  "rle encode", "rle decode"};
    const char *list = program_expect(0, "nephos --help")->out;
    HAS(list, "Exit codes");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char line[64];
        snprintf(line, sizeof line, "nephos %s --help", commands[i]);
        const struct program_result *r = program_expect(0, line);
        HAS(r->out, "Usage: nephos ");
        HAS(r->out, "Examples:\n  nephos ");
        cr_assert_str_empty(r->err);
    }
}

Test(usage, version_is_printed)
{
    cr_assert_str_eq(program_expect(0, "nephos --version")->out, "nephos 0.1.0\n");
}

Test(usage, mistakes_exit_with_2_and_a_hint)
{
    static const struct {
        const char *line, *message;
    } mistakes[] = {
        {"nephos", "Usage:"},
        {"nephos trian", "did you mean 'train'?"},
        {"nephos devices --jsn", "did you mean '--json'?"},
        {"nephos compare --out x.html", "RUN is missing"},
        {"nephos analyze --data d", "nothing to write"},
        {"nephos analyze --data d --json f --near 16", "an integer from 1 to 15"},
        {"nephos compare a b", "--out PAGE.html is missing"},
        {"nephos devices extra", "unexpected argument 'extra'"},
        {"nephos train --data d --out o --epoch 3", "did you mean '--epochs'?"},
        {"nephos train --data d --out o --batch 0", "an integer from 1 to 1024"},
        {"nephos train --data d --out o --fuse maybe", "off|on"},
        {"nephos train --data d --out o --batch 1 --batch 2", "--batch is given twice"},
        {"nephos train --data --out o", "--data needs a value"},
        {"nephos evaluate --data d", "--model RUN|FILE... is missing"},
        {"nephos evaluate --model m --data d --threshold 2", "a number from 0.001 to 0.999"},
        {"nephos predict --model m --images i --out o --csv c --csv-height 3", "belong together"},
        {"nephos train --data d --out o --precision fp12", "fp32|fp16|bf16|auto"},
        {"nephos synth --out o --images -1", "--images is '-1'"},
        {"nephos config --epoch 3", "did you mean '--epochs'?"},
        {"nephos submit --data d", "CSV is missing"},
        {"nephos submit a.csv", "one of --data and --sample"},
        {"nephos submit a.csv --data d --height 3", "belong together"},
        {"nephos rle", "'encode' or 'decode'"},
        {"nephos rle decode --height 3 --width 3 --out o --csv c", "belong together"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const struct program_result *r = program_expect(2, mistakes[i].line);
        HAS(r->err, mistakes[i].message);
        cr_assert_str_empty(r->out);
    }
}

Test(usage, fusing_can_be_switched_off)
{
    HAS(program_run("nephos train --data nowhere --out o --fuse off")->err, "nowhere"); // understood, up to the data
}

Test(usage, values_may_follow_an_equals_sign)
{
    HAS(program_expect(0, "nephos rle decode --height=3 --width=4 --text='2 2 7 3' --out=m.png && nephos rle encode --mask=m.png")->out,
        "2 2 7 3\n");
}

Test(usage, rle_decodes_what_it_encodes)
{
    program_expect(0, "printf 'Image_Label,EncodedPixels\\na.jpg_Fish,\\na.jpg_Sugar,1 1 12 1\\n' >train.csv");
    program_expect(0, "nephos rle decode --height 3 --width 4 --csv train.csv --image a.jpg --label Sugar --out m.png");
    cr_assert_str_eq(program_expect(0, "nephos rle encode --mask m.png")->out, "1 1 12 1\n");
    program_expect(0, "nephos rle decode --height 3 --width 4 --csv train.csv --image a.jpg --label Fish --out m.png");
    cr_assert_str_eq(program_expect(0, "nephos rle encode --mask m.png")->out, "\n");
    HAS(program_expect(3,
                       "nephos rle decode --height 3 --width 4 --csv train.csv --image a.jpg --label Gravel --out n.png; c=$?; ls; exit $c")
            ->err,
        "no row for a.jpg_Gravel");
    LACKS(program_run("ls")->out, "n.png");
}

Test(usage, bad_codes_exit_with_3_and_write_nothing)
{
    static const char *const codes[] = {"1", "0 1", "12 2", "3 1 2 1", "1 3 2 1", "a b"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "nephos rle decode --height 3 --width 4 --text '%s' --out m.png", codes[i]);
        HAS(program_expect(3, line)->err, "error: ");
        cr_assert_str_empty(program_run("ls")->out);
    }
}

Test(usage, missing_files_exit_with_1_and_are_named)
{
    HAS(program_expect(1, "nephos rle encode --mask nothing.png")->err, "nothing.png");
    HAS(program_expect(1, "nephos rle decode --height 3 --width 4 --csv no.csv --image a --label b --out m.png")->err, "no.csv");
    HAS(program_expect(1, "nephos train --data d --out o --config no.ini")->err, "no.ini");
}

Test(usage, config_errors_name_file_and_line)
{
    HAS(program_expect(2, "printf 'batch = 4\\nepoch = 3\\n' >a.ini; nephos train --data d --out o --config a.ini")->err,
        "a.ini:2: there is no setting 'epoch'; did you mean 'epochs'?");
}

Test(usage, results_that_do_not_arrive_are_a_failure)
{
    HAS(program_expect(1, "nephos --help >/dev/full")->err, "can't write to standard output");
}

Test(usage, devices_are_listed_as_text_and_json)
{
    HAS(program_expect(0, "nephos devices")->out, "Vulkan 1.");
    const char *json = program_expect(0, "nephos devices --json")->out;
    HAS(json, "\"usable\": true");
    HAS(json, "\"uuid\": \"");
}

Test(usage, no_device_exits_with_4)
{
#define NO_DRIVER "VK_DRIVER_FILES=/nonexistent.json VK_ICD_FILENAMES=/nonexistent.json "
    HAS(program_expect(4, "export " NO_DRIVER "; nephos devices")->err, "mesa-vulkan-drivers");
    HAS(program_expect(4, "export " NO_DRIVER "; nephos check")->err, "error: ");
    HAS(program_expect(4, "nephos check --device no-such-device")->err, "no-such-device");
}

Test(usage, bench_counts_memory_traffic)
{
    static const char line[] = "nephos bench --traffic --model none --encoder-width 4 --height 32 --width 32 --batch 1";
    const char *out = program_expect(0, line)->out;
    HAS(out, "train  batch_norm_bwd");
    HAS(out, "infer  total");
    HAS(program_expect(0, "nephos bench --traffic --json --model none --encoder-width 4 --height 32 --width 32")->out, "\"least\": ");
    program_expect(2, "nephos bench --fuse maybe --model none --encoder-width 4 --height 32 --width 32");
}

Test(usage, bench_profiles_whole_steps)
{
#define SMALL " --profile --model none --encoder-width 4 --height 32 --width 32 --batch 1 --seconds 0.01"
    const char *out = program_expect(0, "nephos bench" SMALL)->out;
    HAS(out, "train  conv2d");
    HAS(out, "infer  total");
    HAS(out, "infer  a whole step takes ");
    out = program_expect(0, "nephos bench --steps infer --json" SMALL)->out;
    HAS(out, "\"step_seconds\": ");
    HAS(out, "\"driver\": ");
    cr_assert(!strstr(out, "train"), "%s", out);
    HAS(program_expect(2, "nephos bench --precision fp8" SMALL)->err, "'fp8'");
}

Test(usage, config_prints_a_file_that_it_reads)
{
    const struct program_result *r = program_expect(0, "nephos config --batch 3 | tee a.ini");
    HAS(r->out, "# ===== Network =====\n");
    HAS(r->out, "batch = 3\n");
    HAS(r->out, "default: 8\n");
    program_expect(0, "nephos config --config a.ini | cmp - a.ini");
    HAS(program_expect(0, "nephos config --config a.ini --batch 5")->out, "batch = 5\n");
    program_expect(0, "echo 'epoch = 3' > b.ini");
    HAS(program_expect(2, "nephos config --config b.ini")->err, "b.ini:1: there is no setting 'epoch'; did you mean 'epochs'?");
}

Test(usage, data_can_be_analyzed)
{
    program_expect(0, "nephos synth --out clouds --images 6 --height 32 --width 48 >/dev/null && echo 'x_Fish,1 1' >>clouds/train.csv");
    const struct program_result *r = program_expect(0, "nephos analyze --data clouds --out a.html --json a.json --threads 2 --near 3 --samples 2");
    HAS(r->out, "images                6\n");
    HAS(r->out, "errors                1\n");
    program_expect(0, "grep -q 'data:image/jpeg' a.html");
    HAS(program_expect(0, "cat a.json")->out, "there is no file images/x");
    HAS(program_expect(1, "nephos analyze --data nowhere --json b.json")->err, "nowhere: there is no such folder");
    program_expect(1, "test -e b.json");
}
