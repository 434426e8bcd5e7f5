// SPDX-License-Identifier: MIT
#ifndef CONV2D_EPILOGUE_H
#define CONV2D_EPILOGUE_H
#include "lib/shared.h"
struct conv2d_epilogue_push {
    uint count;    // elements of y
    uint channels; // of y
};
#endif
