// SPDX-License-Identifier: MIT
// For push structs included by C and GLSL: members of 4 bytes only (uint, float), so that C and std430 agree.
#ifndef SHARED_H
#define SHARED_H
#ifdef __STDC_VERSION__
#include <stdint.h>
typedef uint32_t uint;
#endif
#endif
