// SPDX-License-Identifier: MIT
#ifndef COLUMNS_H
#define COLUMNS_H
#define COLUMNS_GROUP 128 // invocations of a workgroup of lib/columns.glsl
#endif
