// SPDX-License-Identifier: MIT
#include "data/csv.h"

#include "base/rng.h"
#include "common/folder.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(csv, .init = folder_setup, .fini = folder_teardown);

static enum nephos_status open_text(const char *text, size_t size, struct csv *csv)
{
    const char *path = folder_file("a.csv");
    folder_write(path, text, size);
    return csv_open(folder_log, path, csv);
}

// Renders all records as "line:field|field;" to compare them in one go.
static void expect_records(const char *text, const char *expected)
{
    struct csv csv;
    char seen[512] = "";
    size_t used = 0;
    bool more;
    cr_assert_eq(open_text(text, strlen(text), &csv), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    for (;;) {
        cr_assert_eq(csv_next(&csv, &more), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        if (!more) break;
        used += (size_t)snprintf(seen + used, sizeof seen - used, "%u:", csv.line);
        for (uint32_t i = 0; i < csv.columns; i++) used += (size_t)snprintf(seen + used, sizeof seen - used, "%s%s", i ? "|" : "",
                                                                            csv.field[i]);
        used += (size_t)snprintf(seen + used, sizeof seen - used, ";");
    }
    csv_close(&csv);
    cr_expect_str_eq(seen, expected, "%s gave %s", text, seen);
}

Test(csv, plain_records_come_with_their_lines)
{
    expect_records("a,b\n1,2\n3,4\n", "2:1|2;3:3|4;");
}

Test(csv, line_ends_marks_and_gaps_are_understood)
{
    expect_records("a,b\r\n1,2\r\n3,\r\n", "2:1|2;3:3|;");
    expect_records("\xEF\xBB\xBF" "a,b\n1,2", "2:1|2;");
    expect_records("a,b\n\n1,2\n\r\n,\n\n", "3:1|2;5:|;");
    expect_records("a,b", "");
    expect_records("a,b\n1,2\r", "2:1|2;");
}

Test(csv, quoted_fields_may_hold_anything)
{
    expect_records("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n\"\",x\n", "2:1,5|say \"hi\";3:|x;");
    expect_records("a,b\r\n\"1\r\n2\",3\r\n4,\"5\"\r\n", "2:1\r\n2|3;4:4|5;");
    expect_records("a,b\n1,\"2\"", "2:1|2;");
}

Test(csv, columns_are_found_by_name)
{
    const char text[] = "x,image,split\n";
    struct csv csv;
    uint32_t column;
    cr_assert_eq(open_text(text, strlen(text), &csv), NEPHOS_OK);
    cr_expect_eq(csv_column(&csv, "split", &column), NEPHOS_OK);
    cr_expect_eq(column, 2);
    cr_expect_eq(csv_column(&csv, "Split", &column), NEPHOS_ERROR_DATA);
    cr_expect_not_null(strstr(nephos_last_error(folder_log),
                              "a.csv:1: the header has no column \"Split\", only \"x\", \"image\", \"split\""), "%s",
                       nephos_last_error(folder_log));
    csv_close(&csv);
}

static void expect_error(const char *text, size_t size, const char *message)
{
    struct csv csv;
    bool more = true;
    enum nephos_status status = open_text(text, size, &csv);
    while (status == NEPHOS_OK && more) status = csv_next(&csv, &more);
    cr_expect_eq(status, NEPHOS_ERROR_DATA, "%s", text);
    cr_expect_not_null(strstr(nephos_last_error(folder_log), message), "%s: %s", text, nephos_last_error(folder_log));
    csv_close(&csv);
}

Test(csv, errors_name_file_and_line)
{
#define EXPECT_ERROR(text, message) expect_error(text, sizeof(text) - 1, message)
    EXPECT_ERROR("", "a.csv: empty");
    EXPECT_ERROR("\r\n\n", "a.csv: empty");
    EXPECT_ERROR("a,b\n1,2\n3\n", "a.csv:3: 1 columns, the header has 2");
    EXPECT_ERROR("a,b\n1,2,3\n", "a.csv:2: 3 columns, the header has 2");
    EXPECT_ERROR("a,b\n\"1\n2,3\n", "a.csv:2: a quoted field has no closing quote");
    EXPECT_ERROR("a,b\n1,\"2\"3\n", "a.csv:2: text behind a closing quote");
    EXPECT_ERROR("a,b\n1,\0002\n", "a.csv: byte 6 is NUL");
    EXPECT_ERROR("a,b\n1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n", "a.csv:2: more than 16 columns");
}

// Texts made of the bytes that mean something: whatever happens, fields end inside the file's memory.
Test(csv, random_texts_never_crash)
{
    static const char bytes[] = "\"\",,\n\r\nab\xEF";
    struct base_rng rng;
    base_rng_init(&rng, 1, BASE_RNG_TEST, 0);
    uint32_t records = 0, failures = 0;
    for (int round = 0; round < 3000; round++) {
        char text[24];
        const uint32_t size = base_rng_below(&rng, sizeof text);
        for (uint32_t i = 0; i < size; i++) text[i] = bytes[base_rng_below(&rng, sizeof bytes - 1)];
        struct csv csv;
        bool more = true;
        enum nephos_status status = open_text(text, size, &csv);
        while (status == NEPHOS_OK && more) {
            status = csv_next(&csv, &more);
            for (uint32_t i = 0; status == NEPHOS_OK && more && i < csv.columns; i++) cr_assert_leq(strlen(csv.field[i]), size);
            records += status == NEPHOS_OK && more;
        }
        failures += status != NEPHOS_OK;
        csv_close(&csv);
    }
    cr_expect_gt(records, 100);
    cr_expect_gt(failures, 100);
}

Test(csv, fields_are_as_long_as_they_are)
{
    const size_t length = 3000000;
    char *text = malloc(length + 8);
    memcpy(text, "a,b\nx,", 6);
    memset(text + 6, '7', length);
    struct csv csv;
    bool more;
    cr_assert_eq(open_text(text, length + 6, &csv), NEPHOS_OK);
    cr_assert_eq(csv_next(&csv, &more), NEPHOS_OK);
    cr_assert(more);
    cr_expect_eq(strlen(csv.field[1]), length);
    csv_close(&csv);
    free(text);
}

Test(csv, written_fields_are_read_back)
{
    static const char *const fields[] = {"plain", "a,b", "\"", "say \"hi\"", "two\nlines", ""};
    const char *path = folder_file("w.csv");
    FILE *stream = fopen(path, "w");
    fputs("x,y\n", stream);
    for (size_t i = 0; i < 6; i++) {
        csv_write_field(stream, fields[i]);
        fputs(",end\n", stream);
    }
    fclose(stream);
    struct csv csv;
    bool more;
    cr_assert_eq(csv_open(folder_log, path, &csv), NEPHOS_OK);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(csv_next(&csv, &more), NEPHOS_OK);
        cr_expect_str_eq(csv.field[0], fields[i]);
        cr_expect_str_eq(csv.field[1], "end");
    }
    csv_close(&csv);
}

Test(csv, a_bad_record_can_be_stepped_over)
{
    static const char text[] = "a,b\n\"1\"x,2\n3,4,5\n6,7\n\"8,\n9,10\n";
    static const uint32_t lines[] = {2, 3, 4, 5, 6};
    static const bool good[] = {false, false, true, false, true};
    struct csv csv;
    bool more;
    cr_assert_eq(open_text(text, sizeof text - 1, &csv), NEPHOS_OK);
    for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
        cr_expect_eq(csv_next(&csv, &more) == NEPHOS_OK, good[i], "record %zu", i);
        cr_expect_eq(csv.line, lines[i], "record %zu is on line %u", i, csv.line);
        if (!good[i]) csv_recover(&csv);
    }
    cr_expect_str_eq(csv.field[1], "10");
    cr_expect_eq(csv_next(&csv, &more), NEPHOS_OK);
    cr_expect_not(more);
    csv_close(&csv);
}
