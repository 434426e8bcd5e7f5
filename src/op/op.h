// SPDX-License-Identifier: MIT
// What an operator is. One operator is one file in this folder, a row in ops.def, its kernels in shaders/, a double-precision
// reference with cases in src/check/, and a test file in tests/op/.
//
// Tensors are NHWC in memory, C fastest, elements of 4 bytes (float unless an operator says otherwise), or of 2 where an operator takes
// halves. Convolution weights are OHWI. A training step is one list of nodes: forward, loss, backward, optimizer, metrics; so a backward pass is made of
// operators too (conv2d_dx, conv2d_dw ...), with rows of their own.
#ifndef OP_H
#define OP_H

#include "gpu/gpu.h"

#define OP_MAX_INPUTS 6
#define OP_MAX_OUTPUTS 3
#define OP_MAX_CLASS_WEIGHTS 24 // of losses: as many as fit in push constants
#define OP_MAX_POS_WEIGHTS 12

struct op_shape {
    uint32_t n, h, w, c; // vectors use c alone: {1, 1, 1, c}; scalars are {1, 1, 1, 1}
    enum gpu_type type;  // as which elements are stored; not looked at by op_shape_equal
};
static inline uint64_t op_count(struct op_shape s) { return (uint64_t)s.n * s.h * s.w * s.c; }
static inline uint64_t op_bytes(struct op_shape s) { return (s.type == GPU_FP32 ? 4 : 2) * op_count(s); }
static inline bool op_shape_equal(struct op_shape a, struct op_shape b) { return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c; }

// Attributes of all operators; each documents in its file which it reads. Zero is "not used".
struct op_attr {
    uint32_t kernel[2], stride[2], pad[2], dilation[2]; // h, w
    uint32_t groups;
    uint32_t size[2];      // target h, w (upsample, crop, pad)
    uint32_t channels;     // output channels
    float eps, momentum;   // batch norm; leaky_relu's slope is `alpha`
    float alpha, beta;     // general coefficients
    float p;               // dropout
    float weights[4];      // weighted_sum
    uint32_t region;       // region_loss: which (REGION_DICE ... in shaders/region_loss.h)
    float gamma;           // exponent of focal losses
    float label_smoothing; // losses of single pixels
    uint32_t class_weights, pos_weights; // how many of the following there are: 0: none, 1: one for all classes, else one per class
    float class_weight[OP_MAX_CLASS_WEIGHTS], pos_weight[OP_MAX_POS_WEIGHTS];
    uint32_t ignore_index; // class index that means "no label" (cross entropy, dice, metrics), as every index past the classes does
    uint32_t mode;         // operator-specific choice
    uint32_t relu;         // 1: what would be the result is cut off below 0 (conv2d, batch_norm)
    uint32_t stats;        // 1: conv2d has a second output, mean and biased variance of each channel of the first
    uint32_t prologue;     // conv2d: what is done to its input first (op/prologue.h)
    uint32_t upsample;     // conv2d: factor by which its input is enlarged, 2, or 0 or 1 for none
    uint32_t seed_id;      // which random stream (dropout): unique per node
    float beta1, beta2, weight_decay; // optimizers; `eps` and `momentum` above are theirs too
    float lr_factor;       // optimizers: on the step's learning rate; 0: as 1
    uint32_t nesterov;     // sgd: 1 for Nesterov momentum
    float mean[3], std[3]; // unpack_image: of the three colours, in 0..1
    uint32_t changes;      // augment: flags that records may have
};

struct op_tensor {
    struct op_shape shape;
    struct gpu_range range; // exactly op_bytes(shape) long; .buffer NULL: this optional operand is absent
};

// Everything `record` needs. The operator may not allocate: scratch memory comes in `workspace`, of the size infer asked for.
struct op_call {
    const char *label; // node name for profiles
    const struct op_attr *attr;
    struct op_tensor in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS];
    uint32_t in_count, out_count;
    uint32_t accumulate; // bit i: out[i] += result instead of out[i] = result
    struct gpu_range workspace, prepared; // `prepared`: of a variant, see op_variant
    struct gpu_range
        step; // uniform buffer with struct step_values (shaders/step.h): seed, step count, lr ...; last binding of kernels that read it
    struct gpu *gpu;
};

// Filled by infer.
struct op_infer {
    const struct op_attr *attr;
    struct op_shape in[OP_MAX_INPUTS];
    bool present[OP_MAX_INPUTS];     // optional operands
    uint32_t in_count;
    struct op_shape out[OP_MAX_OUTPUTS]; // their types are chosen by who asks, and count for offers alone
    uint32_t out_count;
    uint64_t workspace;              // bytes
    const struct gpu_limits *limits; // split-K and partial-sum counts may depend on it
    struct nephos_log *log;
    const char *label;
};

// What a gradient rule talks to; net/gradient.c implements it on the graph, the checker on single operators.
// Tensors are handles (ids); OP_NONE means absent.
typedef uint32_t op_id;
#define OP_NONE UINT32_MAX

struct op_grad {
    // The node being differentiated.
    const struct op_attr *attr;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS];
    uint32_t in_count, out_count;
    op_id dout[OP_MAX_OUTPUTS];     // gradient of each output; OP_NONE where the loss does not depend on it
    bool want[OP_MAX_INPUTS];       // is a gradient of this input needed?
    struct op_shape in_shape[OP_MAX_INPUTS], out_shape[OP_MAX_OUTPUTS];
    // Appends a node of operator `op` that computes gradients: its output number i is the gradient of forward input
    // target[i] (0-based), to be added to what that input has received so far; target[i] = -1: an ordinary result that the
    // rule itself uses further (its id comes back in result[i], which may be NULL).
    void (*emit)(struct op_grad *g, const char *op, const struct op_attr *attr, const op_id *in, uint32_t in_count,
                 const int *target, uint32_t out_count, op_id *result);
    // Says that the gradient of forward input `target` is the tensor `id` itself, without a copy (add, reshape).
    void (*alias)(struct op_grad *g, int target, op_id id);
    void *user;
};

enum op_flags {
    OP_ACCUMULATES = 1, // honours op_call.accumulate for all its outputs that can be gradients
    OP_IN_PLACE = 2,    // out[0] may be the same memory as in[0] (elementwise)
    OP_SIDE_EFFECT = 4, // writes a state tensor (running statistics): never dropped as unused
    OP_COUNTS = 8,      // outputs hold unsigned numbers among floats
    OP_CHEAP = 16,      // a pass over memory: out[0] may be made again instead of kept (net_recompute)
    OP_ODD_CHANNELS = 32, // beside operands of 16 bits those of floats may have an odd number of channels
};

// Another way to compute an operator, for devices that can do more than the baseline needs, or want it done differently.
enum op_family {
    OP_FAMILY_TILE,     // GPUs: tiles in shared memory
    OP_FAMILY_MATRIX,   // GPUs: cooperative matrices
    OP_FAMILY_SOFTWARE, // CPUs: a subgroup is one SIMD register
};
struct op_needs {
    uint64_t workspace, prepared; // bytes
};
struct op_variant {
    const char *name; // within its operator; begins with the family ("software-direct")
    enum op_family family;
    // Allowed deviation from the exact result relative to its largest magnitude, where it is more than the baseline's; else 0.
    double error;
    // Whether it can compute this call, whose operands and attributes op.infer has accepted; *needs (zeroed) is then what it takes.
    bool (*offer)(const struct op_infer *info, struct op_needs *needs);
    // Writes call.prepared from the call's parameters (weights in the order in which the kernel reads them); runs before `record`,
    // each time where parameters change, once where they don't. Reads parameters only. NULL: nothing to prepare.
    void (*prepare)(struct gpu_stream *stream, const struct op_call *call);
    void (*record)(struct gpu_stream *stream, const struct op_call *call); // as op.record
    bool halves; // takes operands of 16-bit elements where its operator does
};

struct op {
    const char *name;
    uint32_t flags;
    uint32_t half_in, half_out; // bit i: operand or output number i may have elements of 16 bits, under conditions (op_takes_halves)
    // Checks operands and attributes, fills out shapes, out_count and workspace. Fails with a message that names info->label.
    enum nephos_status (*infer)(struct op_infer *info);
    // Records dispatches; failures go through gpu_stream_poison.
    void (*record)(struct gpu_stream *stream, const struct op_call *call);
    // Tables of variants, ended by NULL; each is ended by a row without a name. NULL: there is only `record`, the baseline.
    const struct op_variant *const *variants;
    // Appends backward nodes; NULL: not differentiable (losses' targets, metrics, backward operators).
    void (*grad)(struct op_grad *g);
    // Floating-point operations of one call, for reports; NULL: counted as one per output element.
    double (*flops)(const struct op_call *call);
};

#define OP(name) extern const struct op op_##name;
#include "op/ops.def"
#undef OP

extern const struct op *const op_table[]; // all rows, NULL at the end
const struct op *op_find(const char *name); // NULL when unknown
// The variant number `index` among those that can compute a call; NULL: there are not so many. `info` as op->infer has left it.
const struct op_variant *op_offered(const struct op *op, const struct op_infer *info, uint32_t index, struct op_needs *needs);
// Whether the baseline can compute with the types that operands and outputs have: those of 16 bits have a multiple of 4 channels, those
// beside them an even number, and nothing is divided into groups.
bool op_takes_halves(const struct op *op, const struct op_infer *info);
// Whether a variant is of a kind that can be fast on this device: no GPU kernels on a CPU, no kernels for CPUs where loads are slow the
// way they do it.
bool op_may_win(const struct gpu_limits *limits, const struct op_variant *variant);
// Records a call by the variant, or by the baseline where that is NULL; with what it prepares if `prepare`.
void op_record(struct gpu_stream *stream, const struct op *op, const struct op_variant *variant, bool prepare, const struct op_call *call);

// --- helpers shared by operators (op.c) -------------------------------------------------------------------------------

// One dispatch of a 1-D kernel over `count` elements: push must start with the element count (uint32) that record checks fits.
// Group counts above the device's limit are folded into y: kernels use lib/index.glsl to get their flat index.
// With elements of 16 bits an invocation makes two elements.
#define OP_GROUP_SIZE 64 // invocations per workgroup of elementwise kernels, constant_id 0 in lib/index.glsl is not used for it
void op_dispatch_1d(struct gpu_stream *stream, const struct op_call *call, const struct gpu_shader *shader, const uint32_t *spec,
                    uint32_t spec_count, const struct gpu_range *ranges, uint32_t range_count, const void *push, uint32_t push_size,
                    uint64_t count, double flops, double bytes);
// Whether some range has elements of 16 bits.
bool op_has_halves(const struct gpu_range *ranges, uint32_t count);
// Part of a range; offset and size in bytes. The type stays.
struct gpu_range op_slice(struct gpu_range range, uint64_t offset, uint64_t size);
// Operand with memory at `range`, whose type is the shape's.
static inline struct op_tensor op_tensor_at(struct op_shape shape, struct gpu_range range)
{
    range.type = shape.type;
    return (struct op_tensor){shape, range};
}
// True if the element count of every operand fits 32-bit indices; otherwise fails with a message.
enum nephos_status op_check_count(const struct op_infer *info, struct op_shape shape);
// For infer: there are exactly `count` operands, all present, each small enough for 32-bit indices.
enum nephos_status op_expect_inputs(const struct op_infer *info, uint32_t count);
// For infer: operand `input`, called `what` in the message, has this shape.
enum nephos_status op_expect_shape(const struct op_infer *info, uint32_t input, const char *what, struct op_shape shape);
static inline struct op_shape op_scalar(void) { return (struct op_shape){1, 1, 1, 1}; }
static inline struct op_shape op_vector(uint32_t c) { return (struct op_shape){1, 1, 1, c}; }

#endif
