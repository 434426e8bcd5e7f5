// SPDX-License-Identifier: MIT
// The GPU as the rest of nephos sees it: devices, buffers, kernels, streams of dispatches. Names no Vulkan type; Vulkan headers
// appear only in this folder (vk.h). One host thread at a time may use a gpu.
#ifndef GPU_H
#define GPU_H

#include "base/status.h"

struct gpu;

// --- device -----------------------------------------------------------------------------------------------------------

enum gpu_type {
    GPU_FP32,
    GPU_FP16, // halves: 11 bits of precision, up to 65504
    GPU_BF16, // 8 bits of precision, the range of floats
    GPU_TYPES
};

// Products of matrices that a subgroup computes together: M x K times K x N 16-bit numbers, added to M x N floats. Shapes come largest
// first.
#define GPU_MAX_MATRICES 4
struct gpu_matrix {
    uint32_t m, n, k;
};
struct gpu_matrices {
    struct gpu_matrix_list {
        struct gpu_matrix shapes[GPU_MAX_MATRICES];
        uint32_t count; // 0: none, or not wanted
    } of[GPU_TYPES]; // by what is multiplied; none of GPU_FP32
    uint32_t subgroup;    // invocations in the subgroups of kernels that use them; all subgroups are full
    bool subgroup_chosen; // it is not what other kernels get
};

struct gpu_limits {
    uint64_t max_binding_size;   // bytes one binding may cover (maxStorageBufferRange)
    uint64_t max_buffer_size;    // bytes one buffer may have: the least of the driver's allocation and buffer limits
    uint64_t memory_budget;      // bytes of device memory free now, as far as the driver tells; else the heap size
    uint32_t offset_alignment;   // bytes: every range bound to a kernel starts at a multiple of this
    uint32_t max_invocations;    // of one workgroup
    uint32_t max_storage_buffers; // that a kernel may bind
    uint32_t max_shared_memory;  // bytes
    uint32_t max_group_count[3]; // workgroups per dispatch
    uint32_t subgroup_size;
    bool software;               // the device is a CPU
    // What kernels beyond the baseline may use; all false when only the baseline is wanted.
    bool variants;               // there may be such kernels
    bool addresses;              // pointers to buffers (and 64-bit integers)
    bool float16, storage16;     // arithmetic on halves; halves in storage buffers
    bool uniform_loads;          // of a software device: a load at an address that a subgroup shares is one load, not one per invocation
    struct gpu_matrices matrices;
};

// Lists devices in order of preference, one entry per physical GPU (by UUID; a native driver wins over a translation layer).
// NEPHOS_ERROR_NO_DEVICE, with what to install, where there is no loader, driver or device at all.
enum nephos_status gpu_list(struct nephos_log *log, struct nephos_device_info *infos, size_t capacity, size_t *count);

enum nephos_status gpu_open(struct nephos_log *log, const struct nephos_device_params *params, struct gpu **gpu);
void gpu_close(struct gpu **gpu);
const struct nephos_device_info *gpu_info(const struct gpu *gpu);
const struct gpu_limits *gpu_get_limits(const struct gpu *gpu);
struct nephos_log *gpu_log(const struct gpu *gpu);
// params.kernels: "auto", "baseline", or the beginning of the names of the variants to use.
const char *gpu_kernels(const struct gpu *gpu);

// Notes: what was found out about this device with these kernels, kept beside the pipeline cache. A key or value has neither tabs
// nor line ends. The value is valid until the same key is set; NULL: not noted.
const char *gpu_note_get(const struct gpu *gpu, const char *key);
void gpu_note_set(struct gpu *gpu, const char *key, const char *value);
void gpu_notes_save(struct gpu *gpu);
// Note number `index`; false: there are not so many.
bool gpu_note_at(const struct gpu *gpu, size_t index, const char **key, const char **value);

// --- memory -----------------------------------------------------------------------------------------------------------

enum gpu_memory {
    GPU_MEMORY_DEVICE,   // fastest for kernels, not mapped
    GPU_MEMORY_UPLOAD,   // mapped, coherent, written by the host in order
    GPU_MEMORY_READBACK, // mapped, coherent, cached for reading where the device has it
};

struct gpu_buffer;
// Memory is not cleared. Size is rounded up to 4 bytes. NEPHOS_ERROR_MEMORY names `label`, the size and what is free.
enum nephos_status gpu_buffer_create(struct gpu *gpu, enum gpu_memory memory, uint64_t size, const char *label, struct gpu_buffer **buffer);
void gpu_buffer_destroy(struct gpu_buffer **buffer);
void *gpu_buffer_map(struct gpu_buffer *buffer); // NULL for GPU_MEMORY_DEVICE; stays valid for the buffer's life
uint64_t gpu_buffer_size(const struct gpu_buffer *buffer);

// Part of a buffer, in bytes. The zero value means "nothing bound".
struct gpu_range {
    struct gpu_buffer *buffer;
    uint64_t offset, size;
    enum gpu_type type; // how its elements are stored; kernels compute with floats all the same
};

// Blocking copies between host memory and device memory through a bounded staging buffer (in pieces where it is smaller).
enum nephos_status gpu_upload(struct gpu *gpu, struct gpu_range to, const void *data);
enum nephos_status gpu_download(struct gpu *gpu, struct gpu_range from, void *data);
// Fills with a repeated 32-bit word; blocking. Offset and size are multiples of 4.
enum nephos_status gpu_fill(struct gpu *gpu, struct gpu_range range, uint32_t word);

// --- kernels ----------------------------------------------------------------------------------------------------------

// One compiled shader of this build. shaders.h (generated) declares `extern const struct gpu_shader shader_<file>` for every
// shaders/<file>.comp, so a missing kernel does not link.
struct gpu_shader {
    const char *name;
    const uint32_t *code;
    size_t code_size; // bytes
    const struct gpu_shader *half; // the form for ranges of 16-bit elements; NULL: the shader itself, where it knows such at all
};
extern const struct gpu_shader *const gpu_shaders[]; // all of this build, NULL at the end

#define GPU_MAX_BINDINGS 8 // kernels of the baseline family use at most 4 storage buffers, plus the step uniform
#define GPU_MAX_SPEC 32
#define GPU_MAX_PUSH 128   // bytes: what Vulkan guarantees

// A shader with its specialization constants. Bindings, which of them are written (from the readonly and writeonly qualifiers in
// the GLSL), and which is the uniform buffer are read from the SPIR-V itself. Where limits.addresses allows, a kernel may take
// buffers by pointer instead: its push block then begins with one buffer_reference per buffer, which count as bindings 0, 1 ... and
// are filled in when a dispatch is recorded; binding numbers in set 0 go on behind them.
struct gpu_kernel;

// Finds or makes the kernel; the pipeline is compiled later, by gpu_kernels_compile or the first stream that needs it.
// spec[i] is the 32-bit value of constant_id i (use gpu_spec_float for floats). The kernel belongs to the gpu and lives as long.
// Never returns NULL on success; fails on an invalid shader.
enum nephos_status gpu_kernel_get(struct gpu *gpu, const struct gpu_shader *shader, const uint32_t *spec, uint32_t spec_count,
                                  const struct gpu_kernel **kernel);
static inline uint32_t gpu_spec_float(float value)
{
    union { float f; uint32_t u; } bits = {.f = value};
    return bits.u;
}
// Compiles everything pending on several threads.
enum nephos_status gpu_kernels_compile(struct gpu *gpu);

// --- streams ----------------------------------------------------------------------------------------------------------

// A list of commands, recorded once, then replayed any number of times. Barriers are derived: a command that reads what an
// earlier one wrote, or writes what an earlier one touched (also across replays and other streams of this gpu), waits for it.
// Recording functions return nothing: the first failure is kept and returned by gpu_stream_finish.
struct gpu_stream;

enum nephos_status gpu_stream_create(struct gpu *gpu, const char *label, struct gpu_stream **stream);
void gpu_stream_destroy(struct gpu_stream **stream);

// Records one dispatch of groups[0] x groups[1] x groups[2] workgroups. ranges[i] goes to binding i; the count must equal the
// kernel's; an empty range is bound to a small dummy that the kernel must not use, nor be able to write. The types of the ranges, two
// bits each from range 0 on, are the kernel's constant GPU_MAX_SPEC; a kernel without it can't have ranges of other types than GPU_FP32.
// Push data is copied; it goes behind the pointers, if any. `flops` and `bytes` estimate the work (used to keep submissions short, and by the profile). `label`
// names the node in profiles (copied); may be NULL.
// Without workgroups nothing is recorded.
struct gpu_dispatch {
    const struct gpu_shader *shader;
    const uint32_t *spec;
    uint32_t spec_count;
    const struct gpu_range *ranges;
    uint32_t range_count;
    const void *push;
    uint32_t push_size;
    uint32_t groups[3];
    double flops, bytes;
    const char *label;
};
void gpu_stream_dispatch(struct gpu_stream *stream, const struct gpu_dispatch *dispatch);
void gpu_stream_copy(struct gpu_stream *stream, struct gpu_range to, struct gpu_range from);
void gpu_stream_fill(struct gpu_stream *stream, struct gpu_range range, uint32_t word);
// For code that detects a bad call while recording: keeps the first status (its message is already logged).
void gpu_stream_poison(struct gpu_stream *stream, enum nephos_status status);

// Ends recording: compiles pending kernels, makes descriptor sets and command buffers (several, each short enough for a driver's
// watchdog by estimate and, from the second replay on, by measurement).
enum nephos_status gpu_stream_finish(struct gpu_stream *stream);

// Submits all commands once more, in order behind everything submitted before; does not wait. *ticket (may be NULL) is for gpu_wait.
enum nephos_status gpu_stream_submit(struct gpu_stream *stream, uint64_t *ticket);
// Waits until that submission has ended, at most until the watchdog's limit; NEPHOS_ERROR_DEVICE_LOST is sticky for the gpu.
enum nephos_status gpu_wait(struct gpu *gpu, uint64_t ticket);
bool gpu_done(struct gpu *gpu, uint64_t ticket);

// submit + wait. Seconds spent on the device (from timestamps where the device has them, else host time) in *seconds unless NULL.
enum nephos_status gpu_stream_run(struct gpu_stream *stream, double *seconds);

// Number of dispatches recorded, and of barriers derived: for tests and reports.
uint32_t gpu_stream_dispatch_count(const struct gpu_stream *stream);
uint32_t gpu_stream_barrier_count(const struct gpu_stream *stream);
double gpu_stream_bytes(const struct gpu_stream *stream); // that all commands together read and write, as recorded

// --- profile (gpu opened with params.profile) -------------------------------------------------------------------------

// Forgets what was measured so far.
enum nephos_status gpu_profile_reset(struct gpu *gpu);
struct gpu_profile_row {
    const char *kernel; // or the label of a copy or fill; lives as long as the gpu
    uint64_t count;
    double nanoseconds, flops, bytes;
};
// One row for each kernel that ran, the slowest first; *rows is for the caller to free.
enum nephos_status gpu_profile_rows(struct gpu *gpu, struct gpu_profile_row **rows, uint32_t *count);
enum nephos_status gpu_profile_table(struct gpu *gpu, char **text);
enum nephos_status gpu_profile_trace(struct gpu *gpu, const char *path);

#endif
