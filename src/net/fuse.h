// SPDX-License-Identifier: MIT
// The patterns of net_fuse. A pattern is looked for at its last node, and fuses in place: while patterns are applied, nodes keep their
// positions, and a node that is gone has no operator.
#ifndef NET_FUSE_H
#define NET_FUSE_H

#include "net/net.h"

enum fuse_graphs { FUSE_TRAINING = 1, FUSE_INFERENCE = 2, FUSE_ALL = 3 };
struct fuse_pattern {
    const char *name;
    enum fuse_graphs graphs; // where it pays
    // True if it was found with its last node at this position, and fused.
    bool (*apply)(struct net_graph *graph, uint32_t at);
};
extern const struct fuse_pattern fuse_patterns[]; // in the order in which they are applied; ended by a row without a name

// --- for patterns -----------------------------------------------------------------------------------------------------

// The operand, OP_NONE where it is left out.
static inline op_id fuse_operand(const struct net_node *node, uint32_t i) { return i < node->in_count ? node->in[i] : OP_NONE; }
void fuse_set_operand(struct net_node *node, uint32_t i, op_id id);
bool fuse_is(const struct net_graph *graph, uint32_t at, const char *op);
// Position of the node of operator `op` whose first output is `tensor`; UINT32_MAX: another one made it.
uint32_t fuse_maker(const struct net_graph *graph, op_id tensor, const char *op);
// Nothing but one operand of one node would miss it.
bool fuse_has_one_reader(const struct net_graph *graph, op_id tensor);
// Whether its operator accepts the node. Sets its needs, those of the baseline.
bool fuse_fits(const struct net_graph *graph, struct net_node *node);
// The first variant that may be faster than the baseline on this device, and what it takes; NULL: there is none.
const struct op_variant *fuse_fast_way(const struct net_graph *graph, const struct net_node *node, struct op_needs *needs);
// Whether `fused` can stand for `node`: its operator accepts it, and it is offered a fast variant if the node is. Sets its needs.
bool fuse_accepts(const struct net_graph *graph, const struct net_node *node, struct net_node *fused);
// Puts `fused`, which has replaced the node at `from`, at position `at`; the nodes there and at `from` are gone.
void fuse_put(struct net_graph *graph, const struct net_node *fused, uint32_t from, uint32_t at);
void fuse_remove(struct net_graph *graph, uint32_t at);

#endif
