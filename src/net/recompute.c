// SPDX-License-Identifier: MIT
// Trades time for memory. Most of what a training step keeps from the forward pass until the backward pass was cheap to make: batch
// norm's results, sums, enlarged and joined tensors. Such a tensor is made a second time, by a node in front of the first backward
// node that reads it, and backward nodes read the copy: the planner then frees the first one when the forward pass is done with it.
// The copy has the same bits: the same kernels, from the same operands.
//
// Only what lies idle at the node where most is alive is made again, then at the next such node, until nothing there is idle; of these
// plans that with the lowest peak is kept.
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

#define NEVER UINT32_MAX

struct recompute {
    const struct net_graph *graph;
    uint32_t *first, *last; // [tensors] backward nodes that read it, NEVER if none does
    bool *candidate;        // [tensors]
    bool *dropped;          // [tensors] made again where a backward node, or what is made again, reads it
};

// --- what can be made again -------------------------------------------------------------------------------------------

static bool can_be_made_again(const struct net_graph *graph, op_id t)
{
    const struct net_tensor *tensor = &graph->tensors[t];
    if (tensor->kind != NET_ACTIVATION || tensor->output || tensor->producer >= graph->forward_count) return false;
    const struct net_node *maker = &graph->nodes[tensor->producer];
    return (maker->op->flags & OP_CHEAP) && maker->out[0] == t;
}

// What makes a tensor the second time.
static struct net_node second_maker(const struct net_graph *graph, op_id t)
{
    enum { RESIDUAL = 3 }; // operand of batch_norm
    struct net_node node = graph->nodes[graph->tensors[t].producer];
    if (node.op == &op_batch_norm) { // whose running statistics move once a step
        const op_id in[] = {node.in[0], node.out[1], node.in_count > RESIDUAL ? node.in[RESIDUAL] : OP_NONE};
        node.op = &op_batch_norm_apply;
        node.in_count = in[2] == OP_NONE ? 2 : 3;
        memcpy(node.in, in, sizeof in);
        node.needs = (struct op_needs){0};
    }
    node.out_count = 1;
    node.again = true;
    return node;
}

// Whether its operands are there at backward node `from`, or can be made again as well: none has to be kept for that alone.
static bool operands_stay(const struct recompute *r, op_id t, uint32_t from)
{
    const struct net_node node = second_maker(r->graph, t);
    for (uint32_t i = 0; i < node.in_count; i++) {
        const op_id in = node.in[i];
        if (in == OP_NONE || r->graph->tensors[in].kind == NET_PARAM) continue;
        if (r->last[in] != NEVER && r->last[in] >= from) continue;
        if (!can_be_made_again(r->graph, in) || !operands_stay(r, in, from)) return false;
    }
    return true;
}

static void find_candidates(struct recompute *r)
{
    const struct net_graph *graph = r->graph;
    memset(r->first, 0xff, graph->tensor_count * sizeof *r->first);
    memset(r->last, 0xff, graph->tensor_count * sizeof *r->last);
    for (uint32_t n = graph->forward_count; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        for (uint32_t i = 0; i < node->in_count; i++) {
            if (node->in[i] == OP_NONE) continue;
            if (r->first[node->in[i]] == NEVER) r->first[node->in[i]] = n;
            r->last[node->in[i]] = n;
        }
    }
    for (op_id t = 0; t < graph->tensor_count; t++) {
        if (!can_be_made_again(graph, t)) continue;
        r->candidate[t] = r->first[t] != NEVER && operands_stay(r, t, r->first[t]);
        r->dropped[t] = r->first[t] == NEVER; // passes between nodes that are made again
    }
}

// --- the list with what is made again ---------------------------------------------------------------------------------

// A graph that shares everything with the original but its lists of nodes and tensors.
struct draft {
    struct net_graph graph;
    op_id *copy; // [tensors of the original]
};

static void draft_free(struct draft *draft)
{
    free(draft->graph.nodes);
    free(draft->graph.tensors);
    free(draft->copy);
    *draft = (struct draft){0};
}

static bool draft_begin(const struct net_graph *graph, struct draft *draft)
{
    *draft = (struct draft){.graph = *graph};
    struct net_graph *g = &draft->graph;
    g->log = NULL; // whoever plans the result is told
    g->node_capacity = graph->node_count + graph->forward_count;
    g->tensor_capacity = graph->tensor_count + graph->forward_count;
    g->nodes = calloc(g->node_capacity, sizeof *g->nodes);
    g->tensors = calloc(g->tensor_capacity, sizeof *g->tensors);
    draft->copy = malloc(graph->tensor_count * sizeof *draft->copy);
    if (!g->nodes || !g->tensors || !draft->copy) {
        draft_free(draft);
        return false;
    }
    memcpy(g->nodes, graph->nodes, graph->forward_count * sizeof *g->nodes);
    memcpy(g->tensors, graph->tensors, graph->tensor_count * sizeof *g->tensors);
    memset(draft->copy, 0xff, graph->tensor_count * sizeof *draft->copy); // OP_NONE
    g->node_count = graph->forward_count;
    return true;
}

// The tensor to read instead of t in the backward pass; appends what makes it.
static op_id make_again(const struct recompute *r, struct draft *draft, op_id t)
{
    struct net_graph *g = &draft->graph;
    if (t == OP_NONE || !r->dropped[t]) return t;
    if (draft->copy[t] != OP_NONE) return draft->copy[t];
    struct net_node node = second_maker(r->graph, t);
    for (uint32_t i = 0; i < node.in_count; i++) node.in[i] = make_again(r, draft, node.in[i]);
    g->tensors[g->tensor_count] = r->graph->tensors[t];
    node.out[0] = draft->copy[t] = g->tensor_count++;
    g->nodes[g->node_count++] = node;
    return draft->copy[t];
}

// Nodes have moved: the first that writes a tensor is its producer.
static void find_producers(struct net_graph *graph)
{
    for (op_id t = 0; t < graph->tensor_count; t++) graph->tensors[t].producer = UINT32_MAX;
    for (uint32_t n = graph->node_count; n-- > 0;) {
        for (uint32_t i = 0; i < graph->nodes[n].out_count; i++) graph->tensors[graph->nodes[n].out[i]].producer = n;
    }
}

static bool draft_make(const struct recompute *r, struct draft *draft)
{
    if (!draft_begin(r->graph, draft)) return false;
    struct net_graph *g = &draft->graph;
    for (uint32_t n = r->graph->forward_count; n < r->graph->node_count; n++) {
        struct net_node node = r->graph->nodes[n];
        for (uint32_t i = 0; i < node.in_count; i++) node.in[i] = make_again(r, draft, node.in[i]);
        g->nodes[g->node_count++] = node;
    }
    find_producers(g);
    return true;
}

// The original gets the draft's lists.
static void draft_commit(struct draft *draft, struct net_graph *graph)
{
    for (uint32_t n = graph->forward_count; n < draft->graph.node_count; n++) {
        struct net_node *node = &draft->graph.nodes[n];
        if (node->again) node->label = strdup(node->label);
        if (!node->label) net_poison(graph, base_fail(graph->log, NEPHOS_ERROR_MEMORY, "recompute: out of memory"));
    }
    free(graph->nodes);
    free(graph->tensors);
    graph->nodes = draft->graph.nodes;
    graph->tensors = draft->graph.tensors;
    graph->node_count = draft->graph.node_count;
    graph->node_capacity = draft->graph.node_capacity;
    graph->tensor_count = draft->graph.tensor_count;
    graph->tensor_capacity = draft->graph.tensor_capacity;
    draft->graph.nodes = NULL;
    draft->graph.tensors = NULL;
}

// --- which ------------------------------------------------------------------------------------------------------------

static bool reads(const struct net_node *node, op_id t)
{
    for (uint32_t i = 0; i < node->in_count; i++) {
        if (node->in[i] == t) return true;
    }
    return false;
}

// Whether node `at` lies between the last use of a tensor in the forward pass and the first in the backward pass.
static bool is_idle(const struct net_graph *graph, op_id t, uint32_t at)
{
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if ((n < graph->forward_count ? n >= at : n <= at) && reads(&graph->nodes[n], t)) return false;
    }
    return graph->tensors[t].producer < at;
}

static bool drop_idle(struct recompute *r, const struct net_graph *graph, uint32_t at)
{
    bool any = false;
    for (op_id t = 0; t < r->graph->tensor_count; t++) {
        if (!r->candidate[t] || r->dropped[t] || !is_idle(graph, t, at)) continue;
        r->dropped[t] = any = true;
    }
    return any;
}

// Leaves the draft with the lowest peak in *best; without one where nothing helps, or memory is out.
static void search(struct recompute *r, struct draft *best)
{
    uint64_t lowest = UINT64_MAX;
    for (bool more = true; more;) {
        struct draft draft;
        struct net_plan *plan = NULL;
        if (!draft_make(r, &draft)) return;
        if (net_plan_create(&draft.graph, &plan) != NEPHOS_OK) {
            draft_free(&draft);
            return;
        }
        more = drop_idle(r, &draft.graph, plan->busiest);
        if (plan->least_size < lowest) {
            lowest = plan->least_size;
            draft_free(best);
            *best = draft;
        } else {
            draft_free(&draft);
        }
        net_plan_destroy(&plan);
    }
}

enum nephos_status net_recompute(struct net_graph *graph)
{
    if (graph->status != NEPHOS_OK || graph->node_count == 0) return graph->status;
    const uint32_t count = graph->tensor_count;
    struct draft best = {0};
    struct recompute r = {
        .graph = graph,
        .first = malloc(count * sizeof *r.first),
        .last = malloc(count * sizeof *r.last),
        .candidate = calloc(count, sizeof *r.candidate),
        .dropped = calloc(count, sizeof *r.dropped),
    };
    if (r.first && r.last && r.candidate && r.dropped) {
        find_candidates(&r);
        search(&r, &best);
    } else {
        net_poison(graph, base_fail(graph->log, NEPHOS_ERROR_MEMORY, "recompute: out of memory"));
    }
    if (best.graph.nodes) draft_commit(&best, graph);
    draft_free(&best);
    free(r.first);
    free(r.last);
    free(r.candidate);
    free(r.dropped);
    return graph->status;
}
