// SPDX-License-Identifier: MIT
// One node by itself, with memory of its own: to compare ways of computing it, and to measure them.
#ifndef NET_TRIAL_H
#define NET_TRIAL_H

#include "net/net.h"

struct net_trial {
    struct gpu *gpu;
    struct gpu_buffer *buffers[OP_MAX_INPUTS + OP_MAX_OUTPUTS + 3];
    uint32_t buffer_count;
    struct op_call call;
};

// Takes memory for the operands of a node, with room for `needs`. Operands hold values between -1 and 1, between 0 and 1 where they
// are pairs {1, 1, 2, c} or where the node has no outputs (an optimizer); the same every time.
enum nephos_status net_trial_create(struct gpu *gpu, const struct net_graph *graph, const struct net_node *node, struct op_needs needs,
                                    struct net_trial *trial);
void net_trial_destroy(struct net_trial *trial);
// A stream that computes the node by a variant (NULL: the baseline) once a run.
enum nephos_status net_trial_record(const struct net_trial *trial, const struct net_node *node, const struct op_variant *variant,
                                    struct gpu_stream **stream);
// Fills all outputs with zeros, runs the stream, and reads the outputs (without any: the inputs, which the node has changed) one behind
// the other: net_trial_result_count floats.
enum nephos_status net_trial_result(const struct net_trial *trial, struct gpu_stream *stream, float *values);
uint64_t net_trial_result_count(const struct net_trial *trial);

#endif
