// SPDX-License-Identifier: MIT
// Notes about a device survive it, and a file that is not ours does no harm.
#include "gpu_test.h"

#include "common/folder.h"
#include "gpu/device.h"

static struct gpu *open_again(void)
{
    return test_gpu_with((struct nephos_device_params){.cache_dir = folder_file("cache")});
}

static void expect_note(const struct gpu *gpu, const char *key, const char *value)
{
    const char *got = gpu_note_get(gpu, key);
    if (value) cr_expect_str_eq(got ? got : "(none)", value);
    else cr_expect_null(got);
}

Test(gpu_notes, are_there_again_when_the_device_is_opened_anew, .init = folder_setup, .fini = folder_teardown)
{
    struct gpu *gpu = open_again();
    expect_note(gpu, "a key", NULL);
    gpu_note_set(gpu, "a key", "first");
    gpu_note_set(gpu, "another", "second");
    gpu_note_set(gpu, "a key", "third");
    expect_note(gpu, "a key", "third");
    gpu_notes_save(gpu);
    gpu_close(&gpu);
    gpu = open_again();
    expect_note(gpu, "a key", "third");
    expect_note(gpu, "another", "second");
    const char *key, *value;
    cr_expect(gpu_note_at(gpu, 1, &key, &value));
    cr_expect_not(gpu_note_at(gpu, 2, &key, &value));
    gpu_close(&gpu);
}

Test(gpu_notes, of_two_processes_are_merged, .init = folder_setup, .fini = folder_teardown)
{
    struct gpu *one = open_again(), *two = open_again();
    gpu_note_set(one, "of one", "1");
    gpu_note_set(two, "of two", "2");
    gpu_notes_save(one);
    gpu_notes_save(two);
    gpu_close(&one);
    gpu_close(&two);
    one = open_again();
    expect_note(one, "of one", "1");
    expect_note(one, "of two", "2");
    gpu_close(&one);
}

Test(gpu_notes, of_another_driver_or_damaged_are_ignored, .init = folder_setup, .fini = folder_teardown)
{
    struct gpu *gpu = open_again();
    gpu_note_set(gpu, "key", "value");
    gpu_notes_save(gpu);
    char *path = strdup(gpu->notes.path);
    gpu_close(&gpu);
    static const char *const texts[] = {"", "\n", "nephos-notes 1 driver 00000000 subgroup 8 kernels 0\nkey\tvalue\n", "key\tvalue", "\t\t\n\n"};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        folder_write(path, texts[i], strlen(texts[i]));
        gpu = open_again();
        expect_note(gpu, "key", NULL);
        gpu_close(&gpu);
    }
    free(path);
}

Test(gpu_notes, a_cut_file_keeps_its_whole_lines, .init = folder_setup, .fini = folder_teardown)
{
    char text[256], head[200];
    struct gpu *gpu = open_again();
    gpu_note_set(gpu, "key", "value");
    gpu_notes_save(gpu);
    char *path = strdup(gpu->notes.path);
    gpu_close(&gpu);
    FILE *file = fopen(path, "r");
    cr_assert(file && fgets(head, sizeof head, file));
    fclose(file);
    snprintf(text, sizeof text, "%skey\tvalue\nno tab\nhalf\tlin", head);
    folder_write(path, text, strlen(text));
    gpu = open_again();
    expect_note(gpu, "key", "value");
    expect_note(gpu, "half", NULL);
    gpu_close(&gpu);
    free(path);
}
