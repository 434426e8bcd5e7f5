// SPDX-License-Identifier: MIT
// Several drivers at once, one driver twice, drivers without hardware: what the loader finds is told by an environment variable.
#include "cli/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(drivers, .init = program_init, .fini = program_fini);

#define HAS(text, part) cr_assert(strstr(text, part), "no '%s' in:\n%s", part, text)
#define LAVAPIPE "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
#define SWIFTSHADER "/usr/lib/chromium/vk_swiftshader_icd.json"
#define RADV "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json"

// The loader's variable has an old and a new name.
static void use_drivers(const char *files)
{
    setenv("VK_DRIVER_FILES", files, 1);
    setenv("VK_ICD_FILENAMES", files, 1);
}

static void need(const char *driver)
{
    if (access(driver, R_OK) != 0) cr_skip("%s is not installed", driver);
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;
    for (const char *p = strstr(text, part); p; p = strstr(p + 1, part)) found++;
    return found;
}

Test(drivers, devices_of_all_drivers_are_listed_and_selected_by_part_of_the_name)
{
    need(LAVAPIPE);
    need(SWIFTSHADER);
    use_drivers(LAVAPIPE ":" SWIFTSHADER);
    const char *list = program_expect(0, "nephos devices --json")->out;
    cr_expect_eq(count(list, "\"index\""), 2, "%s", list);
    HAS(list, "llvmpipe");
    HAS(list, "SwiftShader");
    program_expect(0, "printf 'layer,cin,cout,kernel,stride,padding,h_in,w_in\na,4,4,1,1,0,4,4\n' >layers.csv");
#define BENCH "nephos bench --layers layers.csv --seconds 0.01 --json --device "
    HAS(program_expect(0, BENCH "LLVMpipe")->out, "llvmpipe");
    HAS(program_expect(0, BENCH "swift")->out, "SwiftShader");
}

Test(drivers, a_driver_that_is_registered_twice_counts_once)
{
    need(LAVAPIPE);
    program_expect(0, "cp " LAVAPIPE " again.json");
    char files[256];
    snprintf(files, sizeof files, LAVAPIPE ":%s/again.json", getenv("T"));
    use_drivers(files);
    const char *list = program_expect(0, "nephos devices --json")->out;
    cr_expect_eq(count(list, "\"index\""), 1, "%s", list);
}

Test(drivers, a_driver_without_its_hardware_exits_with_4_and_says_what_to_install)
{
    need(RADV);
    if (access("/dev/dri", F_OK) == 0) cr_skip("there may be a device of that driver");
    use_drivers(RADV);
    HAS(program_expect(4, "nephos devices")->err, "apt install mesa-vulkan-drivers");
    HAS(program_expect(4, "nephos check")->err, "apt install mesa-vulkan-drivers");
}

Test(drivers, no_driver_at_all_exits_with_4_and_says_what_to_install)
{
    use_drivers("/nonexistent.json");
    HAS(program_expect(4, "nephos devices")->err, "mesa-vulkan-drivers");
    HAS(program_expect(4, "nephos check")->err, "apt install mesa-vulkan-drivers");
    HAS(program_expect(4, "nephos bench")->err, "apt install mesa-vulkan-drivers");
}
