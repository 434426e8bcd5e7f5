// SPDX-License-Identifier: MIT
// From drawn clouds to masks, through the program alone.
#include "cli/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

TestSuite(pipeline, .init = program_init, .fini = program_fini, .timeout = 300);

#define HAS(text, part) cr_assert(strstr(text, part), "no '%s' in:\n%s", part, text)
#define SMALL "--encoder resnet18 --encoder-width 4 --height 32 --width 48 --batch 4 --patience 0 "

static void draw_clouds(void)
{
    HAS(program_expect(0, "nephos synth --out clouds --images 16 --height 64 --width 96")->out, "16 images");
}

Test(pipeline, train_evaluate_predict)
{
    draw_clouds();
    const struct program_result *r = program_expect(0, "nephos train --data clouds --out run --epochs 2 " SMALL);
    HAS(r->out, "best validation Dice");
    HAS(r->err, "epoch 2/2:");
    program_expect(0, "cd run && ls config.ini split.csv last.safetensors best.safetensors history.csv report.html");
    HAS(program_expect(0, "cat run/config.ini")->out, "encoder-width = 4\n");

    HAS(program_expect(0, "nephos evaluate --model run --data clouds --split all")->out, "16 images");
    HAS(program_expect(0, "nephos evaluate --model run --data clouds --split all --tta flips")->out, "16 images");
    HAS(program_expect(0, "nephos evaluate --model run run/last.safetensors --data clouds --split all")->out, "16 images");
    HAS(program_expect(2, "nephos evaluate --model run --data clouds --tta flip")->err, "neither none nor flips");
    HAS(program_expect(2, "nephos evaluate --model run --data clouds --shape convx")->err, "did you mean 'convex'?");
    const char *const clean =
        "nephos evaluate --model run --data clouds --split all --min-area 2000 --fill-holes --shape convex --json | grep -c '\"fp\": 0,'";
    cr_assert_str_eq(program_expect(0, clean)->out, "4\n", "no class has a component of more pixels than there are");
    HAS(program_expect(0, "nephos evaluate --model run/best.safetensors --data clouds --json")->out, "\"predict_nothing\": ");

    HAS(program_expect(2, "nephos evaluate --model run --data clouds --store")->err, "--store belongs to --search");
    r = program_expect(0, "nephos evaluate --model run --data clouds --split all --search --fill-holes");
    HAS(r->out, "Dice of 8 images that chose, and of 8 others:");
    HAS(program_expect(0, "nephos evaluate --model run --data clouds --split all --search --store --json")->out, "\"others_found\": ");
    HAS(program_expect(0, "nephos evaluate --model run --data clouds --split all")->err, "rules stored in");

    program_expect(0, "nephos predict --model run --images clouds/images --out masks --csv all.csv --csv-height 32 --csv-width 48");
    cr_assert_str_eq(program_expect(0, "ls masks/*_overlay.png | wc -l | tr -d ' '")->out, "16\n");
    cr_assert_str_eq(program_expect(0, "wc -l <all.csv | tr -d ' '")->out, "65\n", "16 images x 4 classes and the header");
    HAS(program_expect(3, "nephos submit all.csv --data clouds --height 32 --width 47")->err, "goes past the last pixel");

    program_expect(0, "nephos predict --model run --images clouds/images --out masks --csv full.csv --csv-height 350 --csv-width 525");
    HAS(program_expect(0, "nephos submit full.csv --data clouds")->out, "64 rows");
    HAS(program_expect(0, "nephos submit full.csv --sample clouds/train.csv")->out, "valid");
    HAS(program_expect(0, "nephos submit full.csv --data clouds --json")->out, "\"dice\": ");
    HAS(program_expect(3, "sed 2d full.csv >short.csv; nephos submit short.csv --data clouds")->err, "1 of 64 rows are missing");
}

Test(pipeline, augment_draws_a_sheet)
{
    draw_clouds();
    const struct program_result *r =
        program_expect(0, "nephos augment --data clouds --out sheet.png --augment clouds --count 2 --variants 3 --height 32 --width 48");
    cr_assert_str_eq(r->out, "sheet.png\n");
    program_expect(0, "test -s sheet.png");
    HAS(program_expect(2, "nephos augment --data clouds --out s.png --augment cloud")->err, "none|light|clouds|strong");
    HAS(program_expect(2, "nephos augment --data clouds --out s.png --augment-rotat 3")->err, "did you mean '--augment-rotate'?");
    HAS(program_expect(2, "nephos augment --out s.png")->err, "'data' is missing");
    program_expect(1, "test -e s.png");
}

// No baseline kernel rounds.
Test(pipeline, a_precision_that_can_not_be_had_exits_with_2)
{
    draw_clouds();
    program_expect(0, "nephos train --data clouds --out run --epochs 1 --precision auto " SMALL);
    static const char *const lines[] = {
        "nephos evaluate --model run --data clouds",
        "nephos predict --model run --images clouds/images --out m",
        "nephos bench --model none --encoder-width 4 --height 32 --width 32 --seconds 0.001 --steps infer",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char line[256];
        snprintf(line, sizeof line, "%s --kernels baseline --precision bf16", lines[i]);
        HAS(program_expect(2, line)->err, "--precision bf16: ");
        snprintf(line, sizeof line, "%s --kernels baseline --precision auto", lines[i]);
        program_expect(0, line);
        snprintf(line, sizeof line, "%s --precision fp12", lines[i]);
        HAS(program_expect(2, line)->err, "precision is 'fp12'");
    }
}

Test(pipeline, same_seed_same_bits_also_after_resume)
{
    draw_clouds();
    program_expect(0, "nephos train --data clouds --out a --epochs 2 " SMALL);
    program_expect(0, "nephos train --data clouds --out b --epochs 2 " SMALL);
    program_expect(0, "cmp a/best.safetensors b/best.safetensors");
    program_expect(0, "nephos train --data clouds --out c --epochs 1 " SMALL);
    program_expect(0, "nephos train --resume --out c --epochs 2");
    program_expect(0, "cmp a/best.safetensors c/best.safetensors");
    program_expect(0, "nephos train --data clouds --out d --epochs 2 --seed 1 " SMALL);
    program_expect(1, "cmp -s a/best.safetensors d/best.safetensors");
}

Test(pipeline, ctrl_c_keeps_a_checkpoint_that_goes_on)
{
    draw_clouds();
    // The program's own path: a signal to the shell function's process would not reach it.
    program_expect(130, "\"$P\" train --data clouds --out run --epochs 1000 " SMALL "& pid=$!; "
                        "for i in $(seq 1200); do [ -e run/last.safetensors ] && break; sleep 0.1; done; kill -INT $pid; wait $pid");
    program_expect(0, "n=$(tail -1 run/history.csv | cut -d, -f1); nephos train --resume --out run --epochs $((n + 2))");
}

Test(pipeline, bad_data_exits_with_3_and_names_the_place)
{
    draw_clouds();
    program_expect(0, "cp -r clouds cut && f=$(ls cut/images/* | head -1) && head -c 500 $f >t && mv t $f && basename $f >name");
    char name[256];
    snprintf(name, sizeof name, "%s", program_expect(0, "tr -d '\\n' <name")->out);
    HAS(program_expect(3, "nephos train --data cut --out run --epochs 1 " SMALL)->err, name);

    program_expect(0, "cp -r clouds odd && sed -i '2s/,.*/,1 2 3/' odd/train.csv");
    HAS(program_expect(3, "nephos train --data odd --out run2 --epochs 1 " SMALL)->err, "train.csv:2");
    program_expect(3, "mkdir empty; nephos train --data empty --out run3 --epochs 1 " SMALL);
    program_expect(3, "head -c 1000 /dev/urandom >x.safetensors; nephos predict --model x.safetensors --images clouds/images --out m");
}
