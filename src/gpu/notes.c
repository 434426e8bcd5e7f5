// SPDX-License-Identifier: MIT
// Notes about a device: a text file beside the pipeline cache, one "key<TAB>value" a line. Its first line names the driver and the
// kernels of this build; notes of others are ignored, since they may hold no longer.
#include "gpu/notes.h"

#include "base/file.h"
#include "gpu/cache.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MOST (UINT64_C(4) << 20) // bytes of a file that is still read

static uint64_t kernels_hash(void)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); // FNV-1a over words
    for (const struct gpu_shader *const *shader = gpu_shaders; *shader; shader++)
        for (size_t i = 0; i < (*shader)->code_size / 4; i++) hash = (hash ^ (*shader)->code[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static char *head_line(const struct gpu *gpu)
{
    return base_format("nephos-notes 1 driver %08x subgroup %u kernels %016" PRIx64, gpu->driver_version, gpu->limits.subgroup_size,
                       kernels_hash());
}

static struct gpu_note *find(const struct gpu_notes *notes, const char *key)
{
    for (uint32_t i = 0; i < notes->count; i++) {
        if (strcmp(notes->list[i].key, key) == 0) return &notes->list[i];
    }
    return NULL;
}

// False when memory is out.
static bool add(struct gpu_notes *notes, const char *key, const char *value)
{
    if (notes->count == notes->capacity) {
        const uint32_t capacity = notes->capacity ? 2 * notes->capacity : 64;
        struct gpu_note *list = realloc(notes->list, capacity * sizeof *list);
        if (!list) return false;
        notes->list = list;
        notes->capacity = capacity;
    }
    struct gpu_note note = {strdup(key), strdup(value)};
    if (!note.key || !note.value) {
        free(note.key);
        free(note.value);
        return false;
    }
    notes->list[notes->count++] = note;
    return true;
}

const char *gpu_note_get(const struct gpu *gpu, const char *key)
{
    const struct gpu_note *note = find(&gpu->notes, key);
    return note ? note->value : NULL;
}

void gpu_note_set(struct gpu *gpu, const char *key, const char *value)
{
    struct gpu_note *note = find(&gpu->notes, key);
    char *copy = note ? strdup(value) : NULL;
    if (copy) {
        free(note->value);
        note->value = copy;
    } else if (note || !add(&gpu->notes, key, value)) {
        return; // without memory for a note it is found out again
    }
    gpu->notes.changed = true;
}

bool gpu_note_at(const struct gpu *gpu, size_t index, const char **key, const char **value)
{
    if (index >= gpu->notes.count) return false;
    *key = gpu->notes.list[index].key;
    *value = gpu->notes.list[index].value;
    return true;
}

// Lines that are no notes are passed over; keys that are known already are kept.
static void parse(struct gpu *gpu, char *text)
{
    char *head = head_line(gpu), *line = strchr(text, '\n');
    const bool ours = head && line && strlen(head) == (size_t)(line - text) && strncmp(text, head, strlen(head)) == 0;
    free(head);
    while (ours && line) {
        char *start = line + 1, *tab = strchr(start, '\t');
        line = strchr(start, '\n');
        if (!tab || !line || tab > line) continue;
        *tab = *line = 0;
        if (!find(&gpu->notes, start)) add(&gpu->notes, start, tab + 1);
    }
}

static void read_file(struct gpu *gpu)
{
    char *text = NULL;
    size_t size = 0;
    if (!gpu->notes.path || !base_file_exists(gpu->notes.path)) return;
    if (base_file_read(NULL, gpu->notes.path, NOTES_MOST, &text, &size) != NEPHOS_OK) return;
    parse(gpu, text);
    free(text);
}

enum nephos_status gpu_notes_open(struct gpu *gpu, const char *dir)
{
    if (!dir) return NEPHOS_OK;
    gpu->notes.path = gpu_cache_path(gpu, dir, "notes", "txt");
    if (!gpu->notes.path) return base_fail(gpu->log, NEPHOS_ERROR_MEMORY, "out of memory for the path of the notes");
    read_file(gpu);
    return NEPHOS_OK;
}

static enum nephos_status write_file(struct gpu *gpu)
{
    enum nephos_status status = NEPHOS_OK;
    struct base_file *file = NULL;
    char *head = head_line(gpu);
    if (!head) return NEPHOS_ERROR_MEMORY;
    TRY(base_file_create(NULL, gpu->notes.path, &file));
    fprintf(base_file_stream(file), "%s\n", head);
    for (uint32_t i = 0; i < gpu->notes.count; i++)
        fprintf(base_file_stream(file), "%s\t%s\n", gpu->notes.list[i].key, gpu->notes.list[i].value);
    TRY(base_file_commit(&file));
fail:
    free(head);
    return status;
}

void gpu_notes_save(struct gpu *gpu)
{
    if (!gpu->notes.path || !gpu->notes.changed) return;
    read_file(gpu); // what another process has found out meanwhile
    gpu->notes.changed = false; // also when writing fails: once is enough for the message
    if (gpu_cache_make_folder(gpu->notes.path) != NEPHOS_OK || write_file(gpu) != NEPHOS_OK)
        base_debug(gpu->log, "%s can't be written; the next start finds out again", gpu->notes.path);
}

void gpu_notes_close(struct gpu *gpu)
{
    for (uint32_t i = 0; i < gpu->notes.count; i++) {
        free(gpu->notes.list[i].key);
        free(gpu->notes.list[i].value);
    }
    free(gpu->notes.list);
    free(gpu->notes.path);
    gpu->notes = (struct gpu_notes){0};
}
