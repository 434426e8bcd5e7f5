// SPDX-License-Identifier: MIT
// From a model to recorded command buffers. A model function appends operators to a graph; net_gradient appends their backward
// operators; net_plan gives every tensor a place by lifetime; net_exec records the list once and replays it. net_fuse, which
// rewrites patterns into fused operators, comes before net_gradient: the rules of fused operators then give fused backward ones.
// net_prologue, net_store_activations and net_recompute, which save memory, come behind it.
#ifndef NET_H
#define NET_H

#include "op/op.h"
#include "step.h"

// --- parameters a graph declares --------------------------------------------------------------------------------------

enum net_layout {      // how a parameter looks in a file (PyTorch's order) and in memory
    NET_LAYOUT_CONV,   // file (O, I, kh, kw), memory {O, kh, kw, I}; also transposed convolutions, where O is the input side
    NET_LAYOUT_MATRIX, // file (O, I), memory {O, 1, 1, I}
    NET_LAYOUT_VECTOR, // file (C), memory {1, 1, 1, C}
    NET_LAYOUT_PAIR,   // two file tensors (C) and (C), memory {1, 1, 2, C}: batch norm's weight and bias, or mean and variance
};
enum net_init {
    NET_INIT_ZERO,
    NET_INIT_KAIMING_FAN_OUT, // normal, std = sqrt(2 / (O kh kw)): He et al. 2015, as in torchvision's ResNets
    NET_INIT_KAIMING_FAN_IN,  // uniform, bound = sqrt(6 / (I kh kw)): decoder convolutions
    NET_INIT_XAVIER,          // uniform, bound = sqrt(6 / ((I + O) kh kw)): Glorot & Bengio 2010, the head
    NET_INIT_ONE_ZERO,        // pair: first row 1, second row 0
    NET_INIT_ZERO_ONE,
    NET_INIT_LOSS_SCALE,
};
#define NET_GROUPS 4
struct net_param {
    char *name;        // full name of the (first) file tensor
    char *second_name; // of a pair's second row, else NULL
    struct op_shape shape;
    enum net_layout layout;
    enum net_init init;
    bool state; // running statistics: saved, but neither differentiated nor optimised
    uint32_t group; // below NET_GROUPS; each has its own settings of the optimizer
};

// --- graph ------------------------------------------------------------------------------------------------------------

enum net_kind {
    NET_ACTIVATION,
    NET_INPUT, // written by the host before each run
    NET_PARAM, // lives in the store, `param` is its index
    NET_GRAD,  // gradient of a parameter, in the store's gradient slab
    NET_CONSTANT, // depends on parameters only, in a graph that does not train: made anew when they change, kept from run to run
};
struct net_tensor {
    struct op_shape shape;
    enum net_kind kind;
    uint32_t param;    // NET_PARAM, NET_GRAD: index into net_graph.params
    uint32_t producer; // node that writes it first, UINT32_MAX for inputs and parameters
    bool output;       // the host reads it after each run; stays untouched until the end
};
struct net_node {
    const struct op *op;
    const struct op_variant *variant; // NULL: the baseline
    struct op_attr attr;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS]; // OP_NONE: optional operand left out
    uint32_t in_count, out_count;
    uint32_t accumulate; // as in op_call
    struct op_needs needs;
    char *label;
    bool again; // makes a second time what the forward pass made (net_recompute)
};
struct net_graph {
    struct nephos_log *log;
    struct gpu_limits limits;
    enum nephos_status status; // first failure while building: building functions return nothing and do nothing after it
    struct net_tensor *tensors;
    struct net_node *nodes;
    struct net_param *params;
    uint32_t tensor_count, node_count, param_count;
    uint32_t tensor_capacity, node_capacity, param_capacity;
    uint32_t forward_count; // nodes before the gradient pass
    bool training;          // batch norm with batch statistics, dropout active
    op_id loss_scale;       // gradients are computed times this scalar; OP_NONE: as they are
    bool adds;              // adds its gradients to those in the store: one part of a step's batch
};

enum nephos_status net_graph_create(struct nephos_log *log, const struct gpu_limits *limits, bool training, struct net_graph **graph);
void net_graph_destroy(struct net_graph **graph);

op_id net_input(struct net_graph *graph, struct op_shape shape);
op_id net_param(struct net_graph *graph, const char *name, struct op_shape shape, enum net_layout layout, enum net_init init);
op_id net_param_pair(struct net_graph *graph, const char *name, const char *second_name, uint32_t channels, enum net_init init, bool state);
// Appends one operator; returns its first output (all of them in out[] unless NULL), OP_NONE after a failure or without outputs.
op_id net_add(struct net_graph *graph, const char *op, const char *label, const struct op_attr *attr, const op_id *in, uint32_t in_count,
              op_id *out);
void net_mark_output(struct net_graph *graph, op_id tensor);
struct op_shape net_shape(const struct net_graph *graph, op_id tensor); // all zero for OP_NONE
// What op->infer says of operands that are in the graph.
enum nephos_status net_infer(const struct net_graph *graph, const struct op *op, const char *label, const struct op_attr *attr,
                             const op_id *in, uint32_t in_count, struct op_infer *info);
// The same of a node in the graph, with the types that its outputs have.
enum nephos_status net_infer_node(const struct net_graph *graph, const struct net_node *node, struct op_infer *info);
// Keeps the first failure, whose message is already logged.
void net_poison(struct net_graph *graph, enum nephos_status status);

// Another tensor; nodes that net_add appends make theirs themselves.
op_id net_tensor(struct net_graph *graph, struct net_tensor tensor);

// Replaces patterns of operators by fused ones that move less memory: the same numbers within rounding. Tensors that are outputs or
// have other readers stay. Before net_gradient.
enum nephos_status net_fuse(struct net_graph *graph);

// Names of the states that scale the loss: what comes with the optimizer goes by this prefix, and is saved as its moments are.
#define NET_OPTIMIZER_PREFIX "optimizer."
#define NET_LOSS_SCALE NET_OPTIMIZER_PREFIX "loss_scale"
#define NET_LOSS_SCALE_STEPS NET_OPTIMIZER_PREFIX "loss_scale_steps"
// From here on the gradient is that of the loss times a scale which the optimizer adapts: for kernels that round to halves.
void net_scale_loss(struct net_graph *graph);

// Appends everything that computes d loss / d parameter for each parameter the scalar `loss` depends on.
enum nephos_status net_gradient(struct net_graph *graph, op_id loss);
// The same of share * loss, added to what the store's gradients hold: `loss` is the mean over a part of a step's batch, `share` how
// large a part. Adding up all parts gives the gradient of the whole batch's mean.
enum nephos_status net_gradient_part(struct net_graph *graph, op_id loss, float share);

enum net_prologues {
    NET_PROLOGUES_FAST,       // where kernels do it that may be fast on this device
    NET_PROLOGUES_EVERYWHERE, // wherever an operator can: for tests
    NET_PROLOGUES_NONE,
};
// Lets convolutions compute batch norm and ReLU in front of them while they load, so that the result is not stored: the same numbers.
// After the gradient, before net_store_activations. Sets the variant of such nodes for plans made before net_tune.
enum nephos_status net_prologue(struct net_graph *graph, enum net_prologues which);

// Stores activations as numbers of `type` wherever all operators that write or read one can. Statistics, losses, parameters and their
// gradients stay floats, as do all sums. After the gradient, before net_recompute.
enum nephos_status net_store_activations(struct net_graph *graph, enum gpu_type type);

// Makes cheap tensors a second time in the backward pass instead of keeping them, where that lowers the most that is alive at once:
// the same bits, more work. After the gradient.
enum nephos_status net_recompute(struct net_graph *graph);

// Bytes of a node's scratch memory in the arena: its workspace and, in a graph that trains, at `prepared_offset` what it prepares.
uint64_t net_scratch(const struct net_graph *graph, const struct net_node *node, uint64_t *prepared_offset);

// --- tune -------------------------------------------------------------------------------------------------------------

// Chooses how each node is computed on this device, as gpu_kernels wishes: by measuring ("auto"; what is found is noted with the device,
// and the log is told when it takes a while), by name, or not at all. Sets nodes' variant and needs; before plan and exec.
enum nephos_status net_tune(struct gpu *gpu, struct net_graph *graph);

// --- plan -------------------------------------------------------------------------------------------------------------

struct net_place {
    uint32_t block; // index of the arena block, UINT32_MAX: not in the arena
    uint64_t offset, size; // bytes
};
struct net_plan {
    struct net_place *tensors;    // [tensor_count]
    struct net_place *workspaces; // [node_count] with what the node prepares behind it, where parameters change at every run
    uint64_t *block_sizes;        // bytes
    uint32_t block_count;
    uint64_t arena_size; // bytes of all blocks
    uint64_t least_size; // bytes alive at the busiest node: what a perfect packing would need
    uint64_t sum_size;   // bytes of all tensors and workspaces, if each had memory of its own
    uint32_t busiest;    // that node
};
// Host only: can be asked before any memory is taken. Fails when one tensor is above limits.max_binding_size, naming it.
enum nephos_status net_plan_create(const struct net_graph *graph, struct net_plan **plan);
void net_plan_destroy(struct net_plan **plan);
// Two execs that never run at the same time can share memory: whether `lender` has a block for block b of `plan`, and the bytes that
// `plan` needs beside all of those. A NULL lender has none.
bool net_plan_borrows(const struct net_plan *plan, const struct net_plan *lender, uint32_t b);
uint64_t net_plan_own_size(const struct net_plan *plan, const struct net_plan *lender);

// --- store ------------------------------------------------------------------------------------------------------------

// Parameters, gradients and moments in equal slabs, cut into chunks that one binding can cover.
struct net_chunk {
    uint64_t size; // bytes in use
    uint32_t group; // of its parameters
    struct gpu_buffer *values, *grads, *moments;
};
struct net_slot { // where a parameter lives; state tensors live in chunks of their own, without gradients
    uint32_t chunk;
    uint64_t offset;
};
struct net_store {
    struct gpu *gpu;
    struct net_param *params; // own copy of the graph's declarations
    struct net_slot *slots;
    uint32_t param_count;
    struct net_chunk *chunks; // parameters first, then state
    uint32_t chunk_count, trained_chunk_count;
    uint32_t moments; // floats per parameter, 0 before net_store_train
    struct net_store *average; // NULL before net_store_average
};
enum nephos_status net_store_create(struct gpu *gpu, const struct net_graph *graph, struct net_store **store);
void net_store_destroy(struct net_store **store);
// Adds the gradient slab and `moments` floats per parameter, all zero.
enum nephos_status net_store_train(struct net_store *store, uint32_t moments);
enum nephos_status net_store_init(struct net_store *store, uint64_t seed);
// Adds store->average, for optimizers with average_decay: a store of the same parameters whose values are their moving average, equal to
// them at first; running statistics are those of `store`. It can be given to an exec that does not train, and belongs to `store`.
enum nephos_status net_store_average(struct net_store *store);
enum nephos_status net_store_average_start(struct net_store *store); // the average is what the parameters are now
void net_store_average_destroy(struct net_store *store);             // part of net_store_destroy
uint32_t net_store_find(const struct net_store *store, const char *name); // index by first name, UINT32_MAX: not there
uint64_t net_store_parameter_count(const struct net_store *store);        // without state
struct gpu_range net_store_values(const struct net_store *store, uint32_t param);
struct gpu_range net_store_grads(const struct net_store *store, uint32_t param);
struct gpu_range net_store_moments(const struct net_store *store, uint32_t param); // `moments` times as long

// --- exec -------------------------------------------------------------------------------------------------------------

#define NET_SLOTS 2 // staging slots: the host fills one while the device works on the other

struct net_optimizer {
    const char *op; // "sgd", "adam", "adamw"
    struct op_attr attr;
    float clip_norm; // <= 0: no clipping
    float average_decay; // of store->average, see op ema; 0: it is left alone
    struct {
        float lr_factor; // 0: as 1
        bool no_decay;
    } groups[NET_GROUPS];
};
struct net_exec;
// Takes memory by plan, records every node (and the optimizer, unless NULL) and compiles all kernels. `graph` and `store` must
// outlive it. A store that lacks one of the graph's parameters is refused by name.
enum nephos_status net_exec_create(struct gpu *gpu, const struct net_graph *graph, struct net_store *store,
                                   const struct net_optimizer *optimizer, const char *label, struct net_exec **exec);
// The same, with activations in the memory of `lender` as far as that has it: both must not be in use at the same time, and `lender`
// must outlive this one. NULL: none.
enum nephos_status net_exec_create_beside(struct gpu *gpu, const struct net_graph *graph, struct net_store *store,
                                          const struct net_optimizer *optimizer, const struct net_exec *lender, const char *label,
                                          struct net_exec **exec);
void net_exec_destroy(struct net_exec **exec);
// Says that the store's parameters have changed: an exec that does not train prepares them anew before its next run.
void net_exec_refresh(struct net_exec *exec);
const struct net_plan *net_exec_plan(const struct net_exec *exec);

// Host memory of a slot: write inputs and step values, submit, wait, read outputs. A slot may be written again after its wait.
void *net_exec_input(struct net_exec *exec, uint32_t slot, op_id input);
struct step_values *net_exec_step(struct net_exec *exec, uint32_t slot);
enum nephos_status net_exec_submit(struct net_exec *exec, uint32_t slot);
// Of a graph that adds its gradients: NET_FIRST clears them before, NET_LAST runs the optimizer behind. Without, both are implied.
enum net_part { NET_FIRST = 1, NET_LAST = 2 };
enum nephos_status net_exec_submit_part(struct net_exec *exec, uint32_t slot, uint32_t part);
enum nephos_status net_exec_wait(struct net_exec *exec, uint32_t slot);
const void *net_exec_output(struct net_exec *exec, uint32_t slot, op_id output);
// With an optimizer: {scale, norm, finite, loss scale} of the whole gradient, as op clip_scale gives it.
const float *net_exec_grad_norm(struct net_exec *exec, uint32_t slot);

#endif
