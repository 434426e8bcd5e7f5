// SPDX-License-Identifier: MIT
#include "base/file.h"
#include "common/folder.h"
#include "data/safetensors.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(safetensors, .init = folder_setup, .fini = folder_teardown);

// A file from a header and `data_size` bytes 0, 1, 2 ...
static const char *make(const char *header, size_t data_size)
{
    const char *path = folder_file("t.safetensors");
    uint64_t length = strlen(header);
    uint8_t *bytes = malloc(8 + length + data_size);
    memcpy(bytes, &length, 8);
    memcpy(bytes + 8, header, length);
    for (size_t i = 0; i < data_size; i++) bytes[8 + length + i] = (uint8_t)i;
    folder_write(path, bytes, 8 + length + data_size);
    free(bytes);
    return path;
}

static const float values[6] = {1, -2.5f, 3e-40f, INFINITY, 0, 7};
static const int64_t counter = -123456789012345;

static enum nephos_status write_sample(const char *path, bool swapped)
{
    const struct safetensors_tensor tensors[] = {
        {"b.weight", SAFETENSORS_F32, 2, {2, 3}, values},          {"flags", SAFETENSORS_U8, 1, {3}, "\1\2\3"},
        {"a \"quoted\" name/ü", SAFETENSORS_F32, 1, {1}, values}, {"counter", SAFETENSORS_I64, 0, {0}, &counter},
        {"empty", SAFETENSORS_F32, 2, {0, 5}, NULL},
    };
    const struct safetensors_tensor reversed[] = {tensors[4], tensors[3], tensors[2], tensors[1], tensors[0]};
    static const char *const metadata[] = {"arch", "unet", "classes", "[\"Fish\",\"Flower\"]\n"};
    return safetensors_write(folder_log, path, swapped ? reversed : tensors, 5, metadata, 2);
}

static struct safetensors *open_ok(const char *path)
{
    struct safetensors *file = NULL;
    cr_assert_eq(safetensors_open(folder_log, path, &file), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    return file;
}

Test(safetensors, what_was_written_is_read_back)
{
    const char *path = folder_file("a.safetensors");
    cr_assert_eq(write_sample(path, false), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    struct safetensors *file = open_ok(path);
    cr_assert_eq(file->entry_count, 5);
    cr_expect_str_eq(safetensors_metadata(file, "arch"), "unet");
    cr_expect_str_eq(safetensors_metadata(file, "classes"), "[\"Fish\",\"Flower\"]\n");
    cr_expect_null(safetensors_metadata(file, "other"));
    const struct safetensors_entry *entry = safetensors_find(file, "b.weight");
    cr_assert(entry && entry->dtype == SAFETENSORS_F32 && entry->rank == 2 && entry->shape[0] == 2 && entry->shape[1] == 3);
    float back[6];
    cr_assert_eq(safetensors_read_f32(file, entry, back, 6), NEPHOS_OK);
    cr_expect_arr_eq(back, values, sizeof values);
    entry = safetensors_find(file, "counter");
    cr_assert(entry && entry->rank == 0 && entry->size == 8);
    cr_expect_arr_eq(file->data + entry->offset, &counter, 8);
    entry = safetensors_find(file, "empty");
    cr_assert(entry && entry->size == 0);
    cr_expect_eq(safetensors_read_f32(file, entry, NULL, 0), NEPHOS_OK);
    cr_expect_not_null(safetensors_find(file, "a \"quoted\" name/ü"));
    cr_expect_null(safetensors_find(file, "c"));
    safetensors_close(&file);
    cr_expect_null(file);
    cr_expect_eq(folder_count(), 1);
}

Test(safetensors, every_tensor_is_aligned_to_its_elements)
{
    const char *path = folder_file("a.safetensors");
    cr_assert_eq(write_sample(path, false), NEPHOS_OK);
    struct safetensors *file = open_ok(path);
    cr_expect_eq((uintptr_t)file->data % 8, 0); // the map starts at a page
    cr_expect_eq(safetensors_find(file, "counter")->offset % 8, 0);
    cr_expect_eq(safetensors_find(file, "b.weight")->offset % 4, 0);
    for (uint32_t i = 1; i < file->entry_count; i++) cr_expect_geq(file->entries[i].offset, file->entries[i - 1].offset);
    safetensors_close(&file);
}

Test(safetensors, bytes_do_not_depend_on_the_order_of_tensors)
{
    size_t sizes[2];
    uint8_t *bytes[2];
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(write_sample(folder_file("o"), i), NEPHOS_OK);
        bytes[i] = folder_read(folder_file("o"), &sizes[i]);
    }
    cr_assert_eq(sizes[0], sizes[1]);
    cr_expect_arr_eq(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
}

Test(safetensors, truncated_file_fails_at_every_length)
{
    size_t size;
    cr_assert_eq(write_sample(folder_file("a"), false), NEPHOS_OK);
    uint8_t *bytes = folder_read(folder_file("a"), &size);
    const char *cut = folder_file("a");
    while (size-- > 0) {
        struct safetensors *file = NULL;
        cr_assert_eq(truncate(cut, (off_t)size), 0);
        cr_expect_eq(safetensors_open(folder_log, cut, &file), NEPHOS_ERROR_DATA, "length %zu", size);
        cr_expect_null(file);
        cr_expect(strstr(nephos_last_error(folder_log), cut), "%s", nephos_last_error(folder_log));
    }
    free(bytes);
}

Test(safetensors, file_with_any_changed_byte_opens_or_fails_cleanly)
{
    size_t size;
    cr_assert_eq(write_sample(folder_file("a"), false), NEPHOS_OK);
    uint8_t *bytes = folder_read(folder_file("a"), &size);
    const char *path = folder_file("a");
    static const uint8_t replacements[] = {0, ' ', '"', '9', '[', '}', 0xff};
    for (size_t i = 0; i < size; i++) {
        for (size_t k = 0; k < sizeof replacements; k++) {
            struct safetensors *file = NULL;
            folder_patch(path, i, replacements[k]);
            enum nephos_status status = safetensors_open(folder_log, path, &file);
            cr_expect(status == NEPHOS_OK || status == NEPHOS_ERROR_DATA, "byte %zu: %d", i, status);
            safetensors_close(&file);
        }
        folder_patch(path, i, bytes[i]);
    }
    struct safetensors *file = open_ok(path); // all is as it was
    safetensors_close(&file);
    free(bytes);
}

Test(safetensors, header_length_is_checked_before_anything_is_read)
{
    static const uint64_t lengths[] = {100000001, UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63, 3, 0};
    for (size_t i = 0; i < ARRAY_COUNT(lengths); i++) {
        struct safetensors *file = NULL;
        uint8_t bytes[10] = {0, 0, 0, 0, 0, 0, 0, 0, '{', '}'};
        memcpy(bytes, &lengths[i], 8);
        folder_write(folder_file("bomb"), bytes, sizeof bytes);
        cr_expect_eq(safetensors_open(folder_log, folder_file("bomb"), &file), NEPHOS_ERROR_DATA, "%zu", i);
    }
}

Test(safetensors, broken_headers_are_refused_with_path_and_tensor)
{
    static const struct { const char *header; size_t data_size; const char *message; } cases[] = {
        {"[]", 0, "no JSON object"},
        {" {}", 0, "no JSON object"},
        {"{\"a\":", 0, "broken header"},
        {"{} {}", 0, "broken header"},
        {"{\"a\":1,\"a\":1}", 0, "duplicate"},
        {"{\"a\":1}", 0, "\"a\" is no object"},
        {"{\"a\":{}}", 0, "unknown dtype"},
        {"{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "unknown dtype"},
        {"{\"a\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "\"F31\""},
        {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "\"a\": no array \"shape\""},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "shape[0]"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1.0],\"data_offsets\":[0,4]}}", 4, "shape[1]"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "9 dimensions"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "data_offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "data_offsets"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "bytes 4 to 0"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "truncated"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "shape does not match"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}", 4, "shape does not match"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "shape does not match"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]}}", 0, "broken header"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3,
         "\"b\" overlaps"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2,
         "\"b\" overlaps"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "gap"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[3,5]}}", 5,
         "\"b\" leaves a gap"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 3, "1 bytes behind"},
        {"{}", 1, "1 bytes behind"},
        {"{\"__metadata__\":[]}", 0, "__metadata__"},
        {"{\"__metadata__\":{\"epoch\":3}}", 0, "\"epoch\" is no string"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct safetensors *file = NULL;
        const char *path = make(cases[i].header, cases[i].data_size), *message = nephos_last_error(folder_log);
        cr_expect_eq(safetensors_open(folder_log, path, &file), NEPHOS_ERROR_DATA, "%s", cases[i].header);
        cr_expect(strstr(message, path) && strstr(message, cases[i].message), "%s: %s", cases[i].header, message);
        cr_expect_null(file);
    }
}

Test(safetensors, header_may_be_padded_and_data_unaligned)
{
    const char *header = "{\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]},"
                         "\"u\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[0,1],\"note\":0}}   ";
    struct safetensors *file = open_ok(make(header, 5));
    float value;
    cr_assert_eq(safetensors_read_f32(file, safetensors_find(file, "f"), &value, 1), NEPHOS_OK);
    cr_expect_arr_eq(&value, "\1\2\3\4", 4);
    cr_expect_eq(safetensors_read_f32(file, safetensors_find(file, "u"), &value, 1), NEPHOS_ERROR_DATA);
    cr_expect_eq(safetensors_read_f32(file, safetensors_find(file, "f"), &value, 2), NEPHOS_ERROR_DATA);
    cr_expect(strstr(nephos_last_error(folder_log), "\"f\" has 1 elements, 2"), "%s", nephos_last_error(folder_log));
    safetensors_close(&file);
}

Test(safetensors, half_bfloat_and_double_convert_to_float)
{
    static const uint16_t halves[] = {0x3c00, 0xc100, 0x0001, 0x83ff, 0x7bff, 0x7c00, 0x8000, 0x7e00};
    static const float half_values[] = {1, -2.5f, 0x1p-24f, -1023 * 0x1p-24f, 65504, INFINITY, -0.0f, NAN};
    static const uint16_t bfloats[] = {0x3f80, 0xc020, 0x0001, 0x7f80};
    static const float bfloat_values[] = {1, -2.5f, 0x1p-133f, INFINITY};
    static const double doubles[] = {0.1, -1e-45, 1e300};
    const struct safetensors_tensor tensors[] = {{"h", SAFETENSORS_F16, 1, {8}, halves}, {"b", SAFETENSORS_BF16, 1, {4}, bfloats},
                                                 {"d", SAFETENSORS_F64, 1, {3}, doubles}};
    float back[8];
    cr_assert_eq(safetensors_write(folder_log, folder_file("h"), tensors, 3, NULL, 0), NEPHOS_OK);
    struct safetensors *file = open_ok(folder_file("h"));
    cr_assert_eq(safetensors_read_f32(file, safetensors_find(file, "h"), back, 8), NEPHOS_OK);
    cr_expect_arr_eq(back, half_values, 7 * sizeof(float));
    cr_expect(isnan(back[7]));
    cr_assert_eq(safetensors_read_f32(file, safetensors_find(file, "b"), back, 4), NEPHOS_OK);
    cr_expect_arr_eq(back, bfloat_values, sizeof bfloat_values);
    cr_assert_eq(safetensors_read_f32(file, safetensors_find(file, "d"), back, 3), NEPHOS_OK);
    cr_expect(back[0] == 0.1f && back[1] == -0x1p-149f && isinf(back[2]));
    safetensors_close(&file);
}

Test(safetensors, what_cannot_be_written_leaves_the_old_file)
{
    const char *path = folder_file("kept");
    const float value = 1;
    cr_assert_eq(write_sample(path, false), NEPHOS_OK);
    const struct safetensors_tensor twins[] = {{"a", SAFETENSORS_F32, 1, {1}, &value}, {"a", SAFETENSORS_F32, 1, {1}, &value}};
    cr_expect_eq(safetensors_write(folder_log, path, twins, 2, NULL, 0), NEPHOS_ERROR_ARGUMENT);
    const struct safetensors_tensor metadata = {"__metadata__", SAFETENSORS_F32, 1, {1}, &value};
    const struct safetensors_tensor other = {"a", SAFETENSORS_OTHER, 1, {1}, &value};
    cr_expect_eq(safetensors_write(folder_log, path, &metadata, 1, NULL, 0), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(safetensors_write(folder_log, path, &other, 1, NULL, 0), NEPHOS_ERROR_ARGUMENT);
    const struct safetensors_tensor latin = {"\xfc", SAFETENSORS_F32, 1, {1}, &value};
    cr_expect_neq(safetensors_write(folder_log, path, &latin, 1, NULL, 0), NEPHOS_OK);
    struct safetensors *file = open_ok(path);
    cr_expect_eq(file->entry_count, 5);
    safetensors_close(&file);
    cr_expect_eq(folder_count(), 1);
    cr_expect_eq(safetensors_write(folder_log, folder_file("no/such/folder"), twins, 1, NULL, 0), NEPHOS_ERROR_FILE);
}

Test(safetensors, missing_file_and_folder_are_file_errors)
{
    struct safetensors *file = NULL;
    cr_expect_eq(safetensors_open(folder_log, folder_file("none"), &file), NEPHOS_ERROR_FILE);
    cr_expect_eq(safetensors_open(folder_log, folder_file(""), &file), NEPHOS_ERROR_FILE);
}

#ifdef NEPHOS_REFERENCE_DIR
Test(safetensors, file_of_another_implementation_is_read)
{
    const char *path = NEPHOS_REFERENCE_DIR "/reference/golden/resnet18-w8.safetensors";
    if (!base_file_exists(path)) cr_skip_test("%s is not there", path);
    struct safetensors *file = open_ok(path);
    const struct safetensors_entry *entry = safetensors_find(file, "encoder.conv1.weight");
    cr_assert(entry && entry->rank == 4 && entry->shape[0] == 8 && entry->shape[1] == 3 && entry->shape[2] == 7);
    float weights[8 * 3 * 49], largest = 0;
    cr_assert_eq(safetensors_read_f32(file, entry, weights, ARRAY_COUNT(weights)), NEPHOS_OK);
    for (size_t i = 0; i < ARRAY_COUNT(weights); i++) largest = fmaxf(largest, fabsf(weights[i]));
    cr_expect(largest > 0.01f && largest < 10, "%g", largest);
    safetensors_close(&file);
}
#endif
