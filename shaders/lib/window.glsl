// SPDX-License-Identifier: MIT
// Pooling windows along one axis. Window o covers the elements o * stride - pad .. + kernel - 1 that lie in 0 .. size - 1.
uint window_begin(uint o, uint stride, uint pad)
{
    return o * stride > pad ? o * stride - pad : 0;
}

uint window_end(uint o, uint stride, uint pad, uint kernel, uint size)
{
    return min(o * stride + kernel - pad, size); // infer allows no window that begins and ends in the padding
}

// Whether window o covers element i.
bool covered(uint i, uint o, uint stride, uint pad, uint kernel)
{
    return o * stride <= i + pad && i + pad < o * stride + kernel;
}

// The windows that cover element i: first .. end - 1.
uint window_first(uint i, uint stride, uint pad, uint kernel)
{
    return uint(max(int(i + pad + stride) - int(kernel), 0)) / stride;
}

uint window_last(uint i, uint stride, uint pad, uint windows)
{
    return min((i + pad) / stride + 1, windows);
}

// Element i of window o; one in the padding becomes the nearest that the window covers.
uint window_at(uint o, uint i, uint stride, uint pad, uint size)
{
    return uint(clamp(int(o * stride + i) - int(pad), 0, int(size) - 1));
}
