// SPDX-License-Identifier: MIT
// SPIR-V is a header of five words and a list of instructions: word count and opcode, then operands (SPIR-V specification,
// section 2.3). One pass notes what each id is; decorations come before the types, and types before the variables.
#include "gpu/reflect.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER_WORDS = 5, MAGIC = 0x07230203, MOST_IDS = 1 << 20 };

enum opcode {
    OP_ENTRY_POINT = 15,
    OP_EXECUTION_MODE = 16,
    OP_CAPABILITY = 17,
    OP_TYPE_STRUCT = 30,
    OP_TYPE_POINTER = 32,
    OP_CONSTANT = 43,
    OP_SPEC_CONSTANT = 50,
    OP_SPEC_CONSTANT_COMPOSITE = 51,
    OP_CONSTANT_COMPOSITE = 44,
    OP_VARIABLE = 59,
    OP_DECORATE = 71,
    OP_MEMBER_DECORATE = 72,
    OP_EXECUTION_MODE_ID = 331,
};
enum decoration {
    SPEC_ID = 1,
    BUFFER_BLOCK = 3,
    BUILT_IN = 11,
    NON_WRITABLE = 24,
    NON_READABLE = 25,
    BINDING = 33,
    DESCRIPTOR_SET = 34,
};
enum { BUILT_IN_WORKGROUP_SIZE = 25, MODEL_GLCOMPUTE = 5, MODE_LOCAL_SIZE = 17, MODE_LOCAL_SIZE_ID = 38 };
enum { CAPABILITY_COOPERATIVE_MATRIX = 6022 };
enum { CLASS_UNIFORM = 2, CLASS_PUSH_CONSTANT = 9, CLASS_STORAGE_BUFFER = 12, CLASS_PHYSICAL_STORAGE_BUFFER = 5349 };

struct id {
    uint32_t opcode;
    uint32_t type;    // of a variable: its pointer type; of a pointer: what it points to
    uint32_t storage; // class of a variable or pointer
    uint32_t value[3]; // of a constant; constituents of a composite
    const uint32_t *member_types; // of a struct
    uint32_t members, nonwritable_members, nonreadable_members;
    uint32_t binding, set, spec_id;
    bool has_binding, has_spec_id, nonwritable, nonreadable, buffer_block, is_group_size;
};

struct module {
    struct id *ids;
    uint32_t bound;
    const uint32_t *spec;
    uint32_t spec_count;
    bool compute;
    bool matrices, typed;
    bool group_by_id;  // LocalSizeId
    uint32_t group[3]; // sizes or ids
};

static void decorate(struct id *id, uint32_t decoration, const uint32_t *operands, uint32_t count)
{
    switch (decoration) {
    case NON_WRITABLE: id->nonwritable = true; break;
    case NON_READABLE: id->nonreadable = true; break;
    case BUFFER_BLOCK: id->buffer_block = true; break;
    default: break;
    }
    if (count == 0) return;
    switch (decoration) {
    case BINDING:
        id->has_binding = true;
        id->binding = operands[0];
        break;
    case DESCRIPTOR_SET: id->set = operands[0]; break;
    case SPEC_ID:
        id->has_spec_id = true;
        id->spec_id = operands[0];
        break;
    case BUILT_IN: id->is_group_size |= operands[0] == BUILT_IN_WORKGROUP_SIZE; break;
    default: break;
    }
}

static void member_decorate(struct id *id, uint32_t decoration)
{
    if (decoration == NON_WRITABLE) id->nonwritable_members++;
    if (decoration == NON_READABLE) id->nonreadable_members++;
}

static void execution_mode(struct module *module, bool by_id, const uint32_t *w, uint32_t count)
{
    if (count < 6 || w[2] != (by_id ? MODE_LOCAL_SIZE_ID : MODE_LOCAL_SIZE)) return;
    module->group_by_id = by_id;
    memcpy(module->group, w + 3, sizeof module->group);
}

// Of the id in word 1 (types) or word 2 (values, behind their type); NULL when out of bounds.
static struct id *id_at(struct module *module, const uint32_t *w, uint32_t count, uint32_t position)
{
    return position < count && w[position] < module->bound ? &module->ids[w[position]] : NULL;
}

static void note_value(struct id *id, const uint32_t *w, uint32_t count)
{
    id->opcode = w[0] & 0xffff;
    for (uint32_t i = 0; i < 3 && i + 3 < count; i++) id->value[i] = w[i + 3];
}

// False: an operand is missing or out of bounds.
static bool note(struct module *module, const uint32_t *w, uint32_t count)
{
    struct id *first = id_at(module, w, count, 1), *second = id_at(module, w, count, 2);
    const uint32_t opcode = w[0] & 0xffff;
    switch (opcode) {
    case OP_CAPABILITY: module->matrices |= count > 1 && w[1] == CAPABILITY_COOPERATIVE_MATRIX; return true;
    case OP_ENTRY_POINT: module->compute |= count > 3 && w[1] == MODEL_GLCOMPUTE; return true;
    case OP_EXECUTION_MODE: execution_mode(module, false, w, count); return true;
    case OP_EXECUTION_MODE_ID: execution_mode(module, true, w, count); return true;
    case OP_DECORATE:
        if (!first || count < 3) return false;
        decorate(first, w[2], w + 3, count - 3);
        module->typed |= w[2] == SPEC_ID && count > 3 && w[3] == GPU_MAX_SPEC;
        return true;
    case OP_MEMBER_DECORATE:
        if (!first || count < 4) return false;
        member_decorate(first, w[3]);
        return true;
    case OP_TYPE_STRUCT:
        if (!first) return false;
        first->opcode = opcode;
        first->members = count - 2;
        first->member_types = w + 2;
        return true;
    case OP_TYPE_POINTER:
        if (!first || count < 4) return false;
        first->opcode = opcode;
        first->storage = w[2];
        first->type = w[3];
        return true;
    case OP_VARIABLE:
        if (!second || count < 4) return false;
        second->opcode = opcode;
        second->type = w[1];
        second->storage = w[3];
        return true;
    case OP_CONSTANT:
    case OP_SPEC_CONSTANT:
    case OP_CONSTANT_COMPOSITE:
    case OP_SPEC_CONSTANT_COMPOSITE:
        if (!second || count < 4) return false;
        note_value(second, w, count);
        return true;
    default: return true;
    }
}

static bool scan(struct module *module, const uint32_t *code, size_t words)
{
    for (size_t at = HEADER_WORDS; at < words;) {
        const uint32_t count = code[at] >> 16;
        if (count == 0 || count > words - at || !note(module, code + at, count)) return false;
        at += count;
    }
    return true;
}

// NULL unless `id` exists and is made by `opcode`.
static const struct id *lookup(const struct module *module, uint32_t id, uint32_t opcode)
{
    return id < module->bound && module->ids[id].opcode == opcode ? &module->ids[id] : NULL;
}

static uint32_t constant_value(const struct module *module, uint32_t id)
{
    const struct id *plain = lookup(module, id, OP_CONSTANT), *special = lookup(module, id, OP_SPEC_CONSTANT);
    if (plain) return plain->value[0];
    if (!special) return 0;
    return special->has_spec_id && special->spec_id < module->spec_count ? module->spec[special->spec_id] : special->value[0];
}

// The WorkgroupSize built-in wins over the execution modes. Zero means that the size could not be found.
static void find_group_size(const struct module *module, uint32_t size[3])
{
    for (int i = 0; i < 3; i++) size[i] = module->group_by_id ? constant_value(module, module->group[i]) : module->group[i];
    for (uint32_t n = 0; n < module->bound; n++) {
        if (!module->ids[n].is_group_size) continue;
        for (int i = 0; i < 3; i++) size[i] = constant_value(module, module->ids[n].value[i]);
    }
}

static void note_access(struct gpu_binding *binding, const struct id *variable, const struct id *block)
{
    binding->used = true;
    binding->read |= binding->uniform || !(variable->nonreadable || block->nonreadable_members >= block->members);
    binding->write |= !binding->uniform && !(variable->nonwritable || block->nonwritable_members >= block->members);
}

// The buffer that a member of the push block points to; NULL: the member is no pointer.
static const struct id *pointed_block(const struct module *module, uint32_t type)
{
    const struct id *pointer = lookup(module, type, OP_TYPE_POINTER);
    return pointer && pointer->storage == CLASS_PHYSICAL_STORAGE_BUFFER ? lookup(module, pointer->type, OP_TYPE_STRUCT) : NULL;
}

// False: too many pointers, or one behind other members.
static bool add_addresses(const struct module *module, const struct id *variable, struct gpu_reflection *reflection)
{
    const struct id *pointer = lookup(module, variable->type, OP_TYPE_POINTER);
    const struct id *push = pointer ? lookup(module, pointer->type, OP_TYPE_STRUCT) : NULL, none = {0};
    for (uint32_t i = 0; push && i < push->members; i++) {
        const struct id *block = pointed_block(module, push->member_types[i]);
        if (!block) continue;
        if (i != reflection->address_count || i >= GPU_MAX_BINDINGS) return false;
        reflection->bindings[i].address = true;
        note_access(&reflection->bindings[i], &none, block);
        reflection->address_count++;
    }
    return push;
}

// False: the variable is of a kind we don't use (another set, an array of buffers, a number too high or taken by a pointer).
static bool add_binding(const struct module *module, const struct id *variable, struct gpu_reflection *reflection)
{
    const struct id *pointer = lookup(module, variable->type, OP_TYPE_POINTER);
    const struct id *block = pointer ? lookup(module, pointer->type, OP_TYPE_STRUCT) : NULL;
    const bool buffer = variable->storage == CLASS_STORAGE_BUFFER || variable->storage == CLASS_UNIFORM;
    if (!block || !buffer || !variable->has_binding || variable->set != 0 || variable->binding >= GPU_MAX_BINDINGS ||
        variable->binding < reflection->address_count) {
        return false;
    }
    struct gpu_binding *binding = &reflection->bindings[variable->binding];
    binding->uniform |= variable->storage == CLASS_UNIFORM && !block->buffer_block;
    note_access(binding, variable, block);
    if (variable->binding >= reflection->binding_count) reflection->binding_count = variable->binding + 1;
    return true;
}

static bool find_bindings(const struct module *module, struct gpu_reflection *reflection)
{
    for (uint32_t n = 0; n < module->bound; n++) {
        const struct id *id = &module->ids[n];
        if (id->opcode == OP_VARIABLE && id->storage == CLASS_PUSH_CONSTANT && !add_addresses(module, id, reflection)) return false;
    }
    reflection->binding_count = reflection->address_count;
    for (uint32_t n = 0; n < module->bound; n++) {
        const struct id *id = &module->ids[n];
        const bool resource = id->has_binding || id->storage == CLASS_STORAGE_BUFFER || id->storage == CLASS_UNIFORM;
        if (id->opcode == OP_VARIABLE && resource && !add_binding(module, id, reflection)) return false;
    }
    return true;
}

enum nephos_status gpu_reflect(struct nephos_log *log, const struct gpu_shader *shader, const uint32_t *spec, uint32_t spec_count,
                               struct gpu_reflection *reflection)
{
    enum nephos_status status = NEPHOS_OK;
    const size_t words = shader->code_size / 4;
    struct module module = {.spec = spec, .spec_count = spec_count};
    struct gpu_reflection found = {0};
    if (words < HEADER_WORDS || shader->code_size % 4 || shader->code[0] != MAGIC || shader->code[3] == 0 || shader->code[3] > MOST_IDS) {
        FAIL(log, NEPHOS_ERROR, "kernel %s: not SPIR-V", shader->name);
    }
    module.bound = shader->code[3];
    module.ids = calloc(module.bound, sizeof *module.ids);
    if (!module.ids) FAIL(log, NEPHOS_ERROR_MEMORY, "kernel %s: out of memory reading %u ids", shader->name, module.bound);
    if (!scan(&module, shader->code, words)) FAIL(log, NEPHOS_ERROR, "kernel %s: malformed SPIR-V", shader->name);
    if (!module.compute) FAIL(log, NEPHOS_ERROR, "kernel %s: no compute entry point", shader->name);
    if (!find_bindings(&module, &found)) {
        FAIL(log, NEPHOS_ERROR, "kernel %s: a resource is neither a pointer at the start of the push block nor a single buffer in set 0 with a binding "
             "behind those and below %d", shader->name,
             GPU_MAX_BINDINGS);
    }
    found.matrices = module.matrices;
    found.typed = module.typed;
    find_group_size(&module, found.group_size);
    if (!(found.group_size[0] && found.group_size[1] && found.group_size[2])) {
        FAIL(log, NEPHOS_ERROR, "kernel %s: no workgroup size", shader->name);
    }
    *reflection = found;
fail:
    free(module.ids);
    return status;
}
