// SPDX-License-Identifier: MIT
#ifndef COLUMN_GROUP_H
#define COLUMN_GROUP_H
#define COLUMNS_GROUP 128 // invocations of a workgroup of lib/columns.glsl
#endif
