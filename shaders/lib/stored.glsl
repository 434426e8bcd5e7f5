// SPDX-License-Identifier: MIT
// Elements as they are stored: floats, halves, or bf16, by the type of the range that is bound (struct gpu_range). Kernels compute with
// floats. Nothing here needs 16-bit types: such elements come as halves of 32-bit words. An operand named x at binding i, declared by
// STORED_ELEMENTS (or STORED_VECTORS, of 4), is read and written by the index of an element (or vector):
//
//     x_at(i), x_put(i, value)
//
// Elements of 16 bits are written in pairs: of an even index first, then of the one behind it, by the same invocation.
#extension GL_EXT_control_flow_attributes : require
layout(constant_id = 32) const uint TYPES = 0; // two bits for each binding
#define STORED_FP16 1
#define STORED_TYPE(number) ((TYPES >> (2 * number)) & 3)

// To the nearest half, ties to even, beyond the range infinity: by hand, as devices' own conversions may truncate, and differ at the ends.
uint rounded_to_half(float value)
{
    const uint bits = floatBitsToUint(value), magnitude = bits & 0x7fffffffu, sign = bits >> 16 & 0x8000u;
    precise float tiny = abs(value) + 0.5; // a unit in the last place there is the least half, 2^-24
    const uint subnormal = floatBitsToUint(tiny) - 0x3f000000u, normal = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
    uint rounded = magnitude < 0x38800000u ? subnormal : normal; // below 2^-14
    rounded = magnitude >= 0x477ff000u ? 0x7c00u : rounded;      // from 65520 on
    return sign | (magnitude > 0x7f800000u ? 0x7e00u : rounded);
}

uint rounded_to_bf16(float value)
{
    const uint bits = floatBitsToUint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (bits >> 16) | 0x40u; // NaN stays one
    return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}

uint stored_pair(float a, float b, uint type)
{
    if (type == STORED_FP16) return rounded_to_half(a) | (rounded_to_half(b) << 16);
    return rounded_to_bf16(a) | (rounded_to_bf16(b) << 16);
}

vec2 loaded_pair(uint word, uint type)
{
    return type == STORED_FP16 ? unpackHalf2x16(word) : vec2(uintBitsToFloat(word << 16), uintBitsToFloat(word & 0xffff0000u));
}

float loaded_element(uint word, uint i, uint type)
{
    const vec2 pair = loaded_pair(word, type);
    return (i & 1u) != 0 ? pair.y : pair.x;
}

vec4 loaded_vector(uvec2 words, uint type)
{
    return vec4(loaded_pair(words.x, type), loaded_pair(words.y, type));
}

uvec2 stored_vector(vec4 v, uint type)
{
    return uvec2(stored_pair(v.x, v.y, type), stored_pair(v.z, v.w, type));
}

float stored_first; // of a pair that is being written

// The memory as what kernels compute with, and as words.
#define STORED_BLOCKS(number, access, name, values, words)                                                             \
    layout(std430, binding = number) access buffer name##_block { values name[]; };                                    \
    layout(std430, binding = number) access buffer name##_words_block { words name##_words[]; };
#define STORED_ELEMENTS(number, access, name)                                                                          \
    STORED_BLOCKS(number, access, name, float, uint)                                                                   \
    float name##_at(uint i)                                                                                            \
    {                                                                                                                  \
        return STORED_TYPE(number) == 0 ? name[i] : loaded_element(name##_words[i / 2], i, STORED_TYPE(number));       \
    }
#define STORED_RESULTS(number, name)                                                                                   \
    STORED_ELEMENTS(number, , name)                                                                                    \
    void name##_put(uint i, float value)                                                                               \
    {                                                                                                                  \
        if (STORED_TYPE(number) == 0) name[i] = value;                                                                 \
        else if ((i & 1u) == 0) stored_first = value;                                                                  \
        else name##_words[i / 2] = stored_pair(stored_first, value, STORED_TYPE(number));                              \
    }
#define STORED_VECTORS(number, access, name)                                                                           \
    STORED_BLOCKS(number, access, name, vec4, uvec2)                                                                   \
    vec4 name##_at(uint i)                                                                                             \
    {                                                                                                                  \
        return STORED_TYPE(number) == 0 ? name[i] : loaded_vector(name##_words[i], STORED_TYPE(number));               \
    }
#define STORED_VECTOR_RESULTS(number, name)                                                                            \
    STORED_VECTORS(number, , name)                                                                                     \
    void name##_put(uint i, vec4 value)                                                                                \
    {                                                                                                                  \
        if (STORED_TYPE(number) == 0) name[i] = value;                                                                 \
        else name##_words[i] = stored_vector(value, STORED_TYPE(number));                                              \
    }
