// SPDX-License-Identifier: MIT
// What a crash, a lost device, a full disk or exhausted memory leaves behind: something to go on from.
#include "api/api.h"

#include "gpu/fault.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(failures, .init = api_setup, .fini = api_teardown, .timeout = 600);
TestSuite(killed, .init = api_setup_folder, .fini = api_teardown, .timeout = 600);

#define TWO_EPOCHS "epochs=2 examples=0"

// Waits until `path` is there, then `milliseconds` more.
static void wait_for(const char *path, unsigned milliseconds)
{
    for (unsigned i = 0; i < 6000 && access(path, F_OK) != 0; i++) usleep(10000);
    usleep(milliseconds * 1000);
}

static void train_and_be_killed(const char *more, unsigned milliseconds)
{
    const pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        api_open_device();
        api_train("killed", more);
        _exit(0);
    }
    wait_for(api_path("killed", "last.safetensors"), milliseconds);
    kill(child, SIGKILL);
    int how;
    cr_assert_eq(waitpid(child, &how, 0), child);
}

// The parent opens its own device only after the last child: drivers do not survive fork.
Test(killed, at_any_moment_leaves_a_checkpoint_that_goes_on_to_the_same_bits)
{
    static const unsigned moments[] = {0, 130, 310, 570, 40};
    api_synth("clouds", 14, 32, 48);
    for (size_t i = 0; i < ARRAY_COUNT(moments); i++) {
        const bool first = access(api_path("killed", "last.safetensors"), F_OK) != 0;
        train_and_be_killed(first ? "epochs=3 examples=0" : "epochs=3 examples=0 resume=true", moments[i]);
    }
    api_open_device();
    API_EXPECT(NEPHOS_OK, api_train("killed", "epochs=3 examples=0 resume=true"));
    API_EXPECT(NEPHOS_OK, api_train("whole", "epochs=3 examples=0"));
    api_expect_same_run("whole", "killed");
}

Test(failures, what_a_killed_process_left_half_written_is_in_nobodys_way)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=1"));
    folder_write(api_path("run", "last.safetensors.tmp.12345"), "half", 4);
    folder_write(api_path("run", "history.csv.tmp.12345"), "epoch,tr", 8);
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=2 resume=true"));
    cr_assert_eq(api_history_rows("run"), 2);
}

Test(failures, a_lost_device_costs_no_finished_epoch)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", TWO_EPOCHS));
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=1 examples=0"));
    gpu_fault_arm(GPU_FAULT_SUBMISSION, 60); // behind the uploads of the checkpoint and some of the steps
    enum nephos_status status = api_train("run", TWO_EPOCHS " resume=true");
    if (status == NEPHOS_OK) cr_assert_fail("the training took fewer than 60 submissions");
    cr_assert_eq(status, NEPHOS_ERROR_DEVICE_LOST, "%s", nephos_status_name(status));
    API_EXPECT(NEPHOS_ERROR_DEVICE_LOST, api_train("other", ""));
    api_close_device();
    api_open_device();
    API_EXPECT(NEPHOS_OK, api_train("run", TWO_EPOCHS " resume=true"));
    api_expect_same_run("whole", "run");
}

static void remove_run(const char *run)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", folder_file(run));
    cr_assert_eq(system(command), 0);
}

// Fails the nth Vulkan call of a short training, for n in growing steps until it has fewer calls. A few failures are made good, such
// as memory of one type taken from another.
Test(failures, exhausted_device_memory_is_reported_and_writes_nothing)
{
    api_synth("clouds", 12, 32, 48);
    uint32_t failed = 0, unready = 0;
    bool fired = true;
    for (uint32_t nth = 1; fired; nth += 1 + nth / 6) {
        gpu_fault_arm(GPU_FAULT_CALL, nth);
        const enum nephos_status status = api_train_until("run", "examples=0", (struct api_stop){.train_calls = 1});
        fired = !gpu_fault_armed(GPU_FAULT_CALL);
        gpu_fault_arm(GPU_FAULT_CALL, 0);
        failed += status == NEPHOS_ERROR_MEMORY;
        cr_assert(status == NEPHOS_ERROR_MEMORY || status == NEPHOS_INTERRUPTED, "call %u: %s", nth, nephos_status_name(status));
        const bool made = access(folder_file("run"), F_OK) == 0, saved = access(api_path("run", "last.safetensors"), F_OK) == 0;
        unready += made && !saved;
        if (made && !saved) API_EXPECT(NEPHOS_OK, api_train("run", "examples=0")); // without a checkpoint the folder counts as free
        remove_run("run");
    }
    cr_assert_gt(failed, 20);
    cr_assert_lt(unready, failed / 4, "%u of %u failures came after the folder was made", unready, failed);
    API_EXPECT(NEPHOS_OK, api_train("after", "examples=0"));
}

// Files above `bytes` can't be written from here on: what a full disk does, without one.
static void limit_files(rlim_t bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(failures, a_full_disk_keeps_the_old_checkpoint)
{
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", TWO_EPOCHS));
    API_EXPECT(NEPHOS_OK, api_train("run", "epochs=1 examples=0"));
    limit_files(20000); // enough for the texts
    API_EXPECT(NEPHOS_ERROR_FILE, api_train("run", TWO_EPOCHS " resume=true"));
    api_expect_error(".safetensors");
    API_EXPECT(NEPHOS_ERROR_FILE, api_train("fresh", TWO_EPOCHS));
    limit_files(RLIM_INFINITY);
    cr_assert_eq(api_count_files(folder_file("run"), ".tmp."), 0);
    API_EXPECT(NEPHOS_OK, api_train("run", TWO_EPOCHS " resume=true"));
    api_expect_same_run("whole", "run");
}

Test(failures, an_output_folder_that_is_a_file_is_refused)
{
    api_synth("clouds", 12, 32, 48);
    folder_write(folder_file("run"), "mine", 4);
    API_EXPECT(NEPHOS_ERROR_FILE, api_train("run", ""));
    api_expect_error("/run");
    API_EXPECT(NEPHOS_ERROR_FILE, api_train("run/below", ""));
    size_t size;
    uint8_t *kept = folder_read(folder_file("run"), &size);
    cr_assert(size == 4 && memcmp(kept, "mine", 4) == 0);
    free(kept);
}
