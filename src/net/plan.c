// SPDX-License-Identifier: MIT
// Gives every activation and workspace a place in the arena: two that never live at the same time may share bytes. Greedy by
// size (Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020): the largest first, each at the
// lowest offset that is free during its whole life, in the first block where it fits.
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Bytes that live and die together: one tensor, a chain of in-place results, or one node's workspace.
struct storage {
    uint64_t size;
    uint32_t first, last; // nodes
    uint32_t block;
    uint64_t offset;
};

struct planner {
    const struct net_graph *graph;
    struct storage *storages;
    uint32_t storage_count;
    uint32_t *tensor_storage; // [tensors] UINT32_MAX: not in the arena
    uint32_t *last_use;       // [tensors] node
    uint32_t *order;          // storages by falling size
    uint32_t *placed;         // storages placed so far, by rising offset
    uint64_t *block_sizes;
    uint32_t block_count;
};

static uint64_t align(uint64_t size, uint64_t alignment)
{
    return (size + alignment - 1) / alignment * alignment;
}

static uint64_t block_limit(const struct gpu_limits *limits)
{
    const uint64_t most = UINT64_C(1) << 30;
    return limits->max_buffer_size < most ? limits->max_buffer_size : most;
}

static bool in_arena(const struct net_tensor *tensor)
{
    return tensor->kind == NET_ACTIVATION || tensor->kind == NET_INPUT;
}

static void find_last_uses(struct planner *p)
{
    const struct net_graph *graph = p->graph;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        for (uint32_t i = 0; i < node->in_count; i++) {
            if (node->in[i] != OP_NONE) p->last_use[node->in[i]] = n;
        }
        for (uint32_t i = 0; i < node->out_count; i++) p->last_use[node->out[i]] = n;
    }
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        if (graph->tensors[t].output) p->last_use[t] = graph->node_count - 1;
    }
}

static uint32_t add_storage(struct planner *p, uint64_t size, uint32_t first, uint32_t last)
{
    const uint64_t alignment = p->graph->limits.offset_alignment > 256 ? p->graph->limits.offset_alignment : 256;
    p->storages[p->storage_count] = (struct storage){.size = align(size, alignment), .first = first, .last = last};
    return p->storage_count++;
}

// May node n write its first output over its first input?
static bool may_overwrite(const struct planner *p, const struct net_node *node, uint32_t n)
{
    if (!(node->op->flags & OP_IN_PLACE) || node->accumulate || node->in_count == 0 || node->in[0] == OP_NONE) return false;
    const struct net_tensor *in = &p->graph->tensors[node->in[0]], *out = &p->graph->tensors[node->out[0]];
    if (in->kind != NET_ACTIVATION || out->kind != NET_ACTIVATION || in->output || out->producer != n) return false;
    for (uint32_t i = 1; i < node->in_count; i++) {
        if (node->in[i] == node->in[0]) return false;
    }
    return p->last_use[node->in[0]] == n && op_bytes(in->shape) == op_bytes(out->shape);
}

static void assign_storages(struct planner *p)
{
    const struct net_graph *graph = p->graph;
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        const struct net_tensor *tensor = &graph->tensors[t];
        p->tensor_storage[t] = UINT32_MAX;
        // Inputs are written before the first node, by a copy: they live from the start.
        if (tensor->kind == NET_INPUT) p->tensor_storage[t] = add_storage(p, op_bytes(tensor->shape), 0, p->last_use[t]);
    }
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        for (uint32_t i = 0; i < node->out_count; i++) {
            const op_id t = node->out[i];
            if (!in_arena(&graph->tensors[t]) || graph->tensors[t].producer != n) continue;
            if (i == 0 && may_overwrite(p, node, n)) {
                p->tensor_storage[t] = p->tensor_storage[node->in[0]];
                p->storages[p->tensor_storage[t]].last = p->last_use[t];
            } else {
                p->tensor_storage[t] = add_storage(p, op_bytes(graph->tensors[t].shape), n, p->last_use[t]);
            }
        }
    }
}

static int by_falling_size(const void *left, const void *right, void *user)
{
    const struct storage *storages = user, *a = &storages[*(const uint32_t *)left], *b = &storages[*(const uint32_t *)right];
    if (a->size != b->size) return a->size < b->size ? 1 : -1;
    return a < b ? -1 : 1; // a total order: the same plan everywhere
}

// Lowest free offset for s among those placed in `block`, which are sorted by offset; UINT64_MAX when the block would overflow.
static uint64_t find_offset(const struct planner *p, uint32_t placed_count, const struct storage *s, uint32_t block, uint64_t limit)
{
    uint64_t offset = 0;
    for (uint32_t i = 0; i < placed_count; i++) {
        const struct storage *other = &p->storages[p->placed[i]];
        if (other->block != block || other->last < s->first || s->last < other->first) continue;
        if (offset + s->size <= other->offset) break;
        if (other->offset + other->size > offset) offset = other->offset + other->size;
    }
    return offset + s->size <= limit ? offset : UINT64_MAX;
}

static void insert_placed(struct planner *p, uint32_t placed_count, uint32_t index)
{
    uint32_t at = placed_count;
    while (at > 0 && p->storages[p->placed[at - 1]].offset > p->storages[index].offset) {
        p->placed[at] = p->placed[at - 1];
        at--;
    }
    p->placed[at] = index;
}

static void place_storages(struct planner *p)
{
    const uint64_t limit = block_limit(&p->graph->limits);
    for (uint32_t i = 0; i < p->storage_count; i++) p->order[i] = i;
    qsort_r(p->order, p->storage_count, sizeof *p->order, by_falling_size, p->storages);
    for (uint32_t i = 0; i < p->storage_count; i++) {
        struct storage *s = &p->storages[p->order[i]];
        for (s->block = 0; s->block < p->block_count; s->block++) {
            s->offset = find_offset(p, i, s, s->block, limit);
            if (s->offset != UINT64_MAX) break;
        }
        if (s->block == p->block_count) {
            s->offset = 0;
            p->block_count++;
        }
        const uint64_t end = s->offset + s->size;
        if (end > p->block_sizes[s->block]) p->block_sizes[s->block] = end;
        insert_placed(p, i, p->order[i]);
    }
}

static enum nephos_status refuse(const struct net_graph *graph, const struct net_node *node, const char *what, uint64_t size, uint64_t most)
{
    return base_fail(graph->log, NEPHOS_ERROR_MEMORY,
                     "%s (%s): %s needs %.1f MiB, and this device binds at most %.1f MiB at once; use a smaller batch or image size",
                     node->label, node->op->name, what, (double)size / 1048576, (double)most / 1048576);
}

static enum nephos_status check_sizes(const struct net_graph *graph)
{
    const uint64_t block = block_limit(&graph->limits), binding = graph->limits.max_binding_size, most = binding < block ? binding : block;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        if (node->needs.workspace > most) return refuse(graph, node, "its workspace", node->needs.workspace, most);
        for (uint32_t i = 0; i < node->out_count; i++) {
            const struct op_shape s = graph->tensors[node->out[i]].shape;
            char what[96];
            snprintf(what, sizeof what, "a tensor of %ux%ux%ux%u (NHWC)", s.n, s.h, s.w, s.c);
            if (op_bytes(s) > most) return refuse(graph, node, what, op_bytes(s), most);
        }
    }
    return NEPHOS_OK;
}

static void measure(const struct planner *p, struct net_plan *plan)
{
    for (uint32_t n = 0; n < p->graph->node_count; n++) {
        uint64_t alive = 0;
        for (uint32_t i = 0; i < p->storage_count; i++) {
            if (p->storages[i].first <= n && n <= p->storages[i].last) alive += p->storages[i].size;
        }
        if (alive > plan->least_size) {
            plan->least_size = alive;
            plan->busiest = n;
        }
    }
    for (uint32_t b = 0; b < plan->block_count; b++) plan->arena_size += plan->block_sizes[b];
    for (uint32_t t = 0; t < p->graph->tensor_count; t++) plan->sum_size += plan->tensors[t].size;
    for (uint32_t n = 0; n < p->graph->node_count; n++) plan->sum_size += plan->workspaces[n].size;
}

static void write_places(const struct planner *p, const uint32_t *workspace_storage, struct net_plan *plan)
{
    const struct net_graph *graph = p->graph;
    uint64_t ignored;
    const struct net_place nowhere = {.block = UINT32_MAX};
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        const uint32_t index = p->tensor_storage[t];
        plan->tensors[t] = nowhere;
        if (index == UINT32_MAX) continue;
        const struct storage *s = &p->storages[index];
        plan->tensors[t] = (struct net_place){s->block, s->offset, op_bytes(graph->tensors[t].shape)};
    }
    for (uint32_t n = 0; n < graph->node_count; n++) {
        plan->workspaces[n] = nowhere;
        if (workspace_storage[n] == UINT32_MAX) continue;
        const struct storage *s = &p->storages[workspace_storage[n]];
        plan->workspaces[n] = (struct net_place){s->block, s->offset, net_scratch(graph, &graph->nodes[n], &ignored)};
    }
}

static void run(struct planner *p, uint32_t *workspace_storage, struct net_plan *plan)
{
    const struct net_graph *graph = p->graph;
    find_last_uses(p);
    assign_storages(p);
    for (uint32_t n = 0; n < graph->node_count; n++) {
        uint64_t ignored;
        const uint64_t size = net_scratch(graph, &graph->nodes[n], &ignored);
        workspace_storage[n] = size ? add_storage(p, size, n, n) : UINT32_MAX;
    }
    place_storages(p);
    plan->block_count = p->block_count;
    write_places(p, workspace_storage, plan);
    measure(p, plan);
}

enum nephos_status net_plan_create(const struct net_graph *graph, struct net_plan **plan)
{
    enum nephos_status status = graph->status != NEPHOS_OK ? graph->status : check_sizes(graph);
    if (status != NEPHOS_OK) return status;
    const uint32_t tensors = graph->tensor_count + 1, nodes = graph->node_count + 1, most = tensors + nodes;
    struct net_plan *created = calloc(1, sizeof *created);
    struct planner p = {.graph = graph};
    uint32_t *workspace_storage = calloc(nodes, sizeof *workspace_storage);
    p.storages = calloc(most, sizeof *p.storages);
    p.tensor_storage = calloc(tensors, sizeof *p.tensor_storage);
    p.last_use = calloc(tensors, sizeof *p.last_use);
    p.order = calloc(most, sizeof *p.order);
    p.placed = calloc(most, sizeof *p.placed);
    p.block_sizes = calloc(most, sizeof *p.block_sizes);
    if (created) {
        created->tensors = calloc(tensors, sizeof *created->tensors);
        created->workspaces = calloc(nodes, sizeof *created->workspaces);
        created->block_sizes = p.block_sizes;
    }
    if (!created || !workspace_storage || !p.storages || !p.tensor_storage || !p.last_use || !p.order || !p.placed || !p.block_sizes ||
        !created->tensors || !created->workspaces) {
        status = base_fail(graph->log, NEPHOS_ERROR_MEMORY, "plan: out of memory");
        if (!created) free(p.block_sizes);
        net_plan_destroy(&created);
    } else {
        run(&p, workspace_storage, created);
        *plan = created;
    }
    free(workspace_storage);
    free(p.storages);
    free(p.tensor_storage);
    free(p.last_use);
    free(p.order);
    free(p.placed);
    return status;
}

bool net_plan_borrows(const struct net_plan *plan, const struct net_plan *lender, uint32_t b)
{
    return lender && b < lender->block_count && plan->block_sizes[b] <= lender->block_sizes[b];
}

uint64_t net_plan_own_size(const struct net_plan *plan, const struct net_plan *lender)
{
    uint64_t size = 0;
    for (uint32_t b = 0; b < plan->block_count; b++) size += net_plan_borrows(plan, lender, b) ? 0 : plan->block_sizes[b];
    return size;
}

void net_plan_destroy(struct net_plan **plan)
{
    if (!plan || !*plan) return;
    free((*plan)->tensors);
    free((*plan)->workspaces);
    free((*plan)->block_sizes);
    free(*plan);
    *plan = NULL;
}
