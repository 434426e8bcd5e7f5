// SPDX-License-Identifier: MIT
// The page: complete, self-contained, everything foreign escaped, and of the same bytes whatever the threads; and memory that stays flat.
#include "analyze/make_set.h"
#include "base/file.h"
#include "common/folder.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <nephos/nephos.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

TestSuite(analysis_page, .init = analyze_setup, .fini = folder_teardown);

static char *page_of(uint32_t threads, uint32_t samples)
{
    size_t size;
    const struct nephos_analyze_params params = {
        .data = folder_file("set"), .html = folder_file("a.html"), .threads = threads, .samples = samples};
    cr_assert_eq(nephos_analyze(folder_log, &params, NULL, NULL, NULL), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    char *page = (char *)folder_read(folder_file("a.html"), &size);
    page[size] = '\0';
    return page;
}

static uint32_t occurrences(const char *text, const char *part)
{
    uint32_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

#define HAS(part) cr_expect(strstr(page, part), "no '%s'", part)
#define LACKS(part) cr_expect(!strstr(page, part), "'%s'", part)

static void make_set(void)
{
    char csv[4096] = HEADER, split[1024] = "image,split\n";
    for (uint32_t i = 0; i < 9; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u<b>.png", i);
        analyze_write_picture(name, 24, 36, i == 8 ? 0 : i, 60); // the last repeats the first
        snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s_Fish,%s\n%s_<i>,%u 40\n", name, i % 3 ? "" : "1 200", name, 1 + 24 * i);
        snprintf(split + strlen(split), sizeof split - strlen(split), "%s,%s\n", name, i < 6 ? "train" : "val");
    }
    analyze_write_text("train.csv", csv);
    analyze_write_text("split.csv", split);
}

Test(analysis_page, shows_everything_and_needs_nothing)
{
    make_set();
    char *page = page_of(2, 5);
    static const char *const parts[] = {"What is wrong",
                                        "The split leaks.",
                                        "Images per class",
                                        "Images per set of classes",
                                        "Masks per image",
                                        "Components per mask",
                                        "Classes that occur together",
                                        "Area of masks",
                                        "Where masks are",
                                        "Pixels by value",
                                        "Images by share without data",
                                        "Duplicates",
                                        "Samples",
                                        "images/0&lt;b&gt;.png",
                                        "&lt;i&gt;",
                                        "identical, a leak",
                                        "all 36&thinsp;×&thinsp;24 pixels"};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        HAS(parts[i]);
    static const char *const foreign[] = {"<script", "http:",   "https:", "<link", "@import", "url(",
                                          "<i>.",    "<b>.png", ">nan",   "-nan",  "inf "};
    for (size_t i = 0; i < ARRAY_COUNT(foreign); i++)
        LACKS(foreign[i]);
    cr_expect_eq(occurrences(page, "src=\""), occurrences(page, "src=\"data:image/"));
    cr_expect_eq(occurrences(page, "data:image/png"), 4, "two maps for each of two classes");
    cr_expect_eq(occurrences(page, "data:image/jpeg"), 5 + 2, "samples, and a pair");
    cr_expect_eq(occurrences(page, "<figure"), occurrences(page, "</figure>"));
    cr_expect_eq(occurrences(page, "<svg"), occurrences(page, "</svg>"));
    cr_expect_eq(occurrences(page, "<div"), occurrences(page, "</div>"));
    free(page);
}

Test(analysis_page, is_the_same_with_any_number_of_threads)
{
    make_set();
    char *first = page_of(1, 12), *second = page_of(5, 12);
    cr_expect_str_eq(first, second);
    free(first);
    free(second);
}

Test(analysis_page, samples_show_each_set_of_classes)
{
    make_set();
    char *page = page_of(2, 2); // of "<i>" alone, and of both
    cr_expect_not_null(strstr(page, "<span>1&lt;b&gt;.png</span>"));
    cr_expect_not_null(strstr(page, "<span>0&lt;b&gt;.png</span>"));
    free(page);
}

Test(analysis_page, lists_some_defects_of_each_kind)
{
    char *csv = malloc(65536);
    strcpy(csv, HEADER);
    analyze_write_picture("a.png", 4, 6, 1, 60);
    for (int i = 0; i < 300; i++)
        snprintf(csv + strlen(csv), 64, "gone%d.png_Fish,1 1\n", i);
    strcat(csv, "a.png_Fish,1 25\n");
    analyze_write_text("train.csv", csv);
    char *page = page_of(2, 1);
    HAS("<td>300</td>");
    HAS("280 more");
    HAS("train.csv:302</b>");
    cr_expect_eq(occurrences(page, "there is no file"), 20);
    free(page);
    free(csv);
}

Test(analysis_page, of_a_set_without_a_readable_image_is_made)
{
    folder_write(folder_file("set/images/a.png"), "nothing", 7);
    analyze_write_text("train.csv", HEADER "a.png_Fish,1 1\n");
    char *page = page_of(1, 3);
    HAS("none can be read");
    HAS("neither a PNG nor a JPEG");
    LACKS(">nan");
    LACKS("-nan");
    free(page);
}

// --- memory -----------------------------------------------------------------------------------------------------------

static long peak_kilobytes(uint32_t images)
{
    static uint32_t made;
    char *csv = malloc(images * 32 + 64), name[32], path[64];
    size_t used = (size_t)sprintf(csv, "%s", HEADER);
    for (uint32_t i = 0; i < images; i++) {
        snprintf(name, sizeof name, "%05u.png", i);
        used += (size_t)sprintf(csv + used, "%s_Fish,1 9\n", name);
        snprintf(path, sizeof path, "set/images/%s", name);
        if (i >= made && i > 0) cr_assert_eq(link(folder_file("set/images/00000.png"), folder_file(path)), 0);
    }
    made = images;
    analyze_write_text("train.csv", csv);
    free(csv);
    struct nephos_analysis result;
    const struct nephos_analyze_params params = {.data = folder_file("set"), .threads = 2};
    cr_assert_eq(nephos_analyze(folder_log, &params, NULL, NULL, &result), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect_eq(result.images, images);
    cr_expect_eq(result.identical, images - 1);
    struct rusage usage;
    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

// An image costs less than a kilobyte; its pixels would be 12, its labels and components 24 more.
Test(analysis_page, memory_does_not_grow_with_the_pixels)
{
#if defined(__SANITIZE_ADDRESS__)
    cr_skip("the sanitizer holds on to freed memory");
#endif
    analyze_write_picture("00000.png", 64, 64, 1, 60);
    const long few = peak_kilobytes(100), many = peak_kilobytes(2100);
    cr_expect_lt(many - few, 2000 + 1024, "%ld kB for 2000 more images", many - few);
}
