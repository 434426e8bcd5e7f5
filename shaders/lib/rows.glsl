// SPDX-License-Identifier: MIT
// A walk over rows begin .. end - 1 of a matrix of so many rows and channels, for kernels of lib/columns.glsl: `visit` gets the
// index of the first lane's element and the number of its block.
void visit(uint first, uint k);

void visit_row(uint r, uint channels)
{
    EACH_BLOCK(k) visit(r * channels + first_column() + k * BLOCK_STEP, k);
}

#ifdef SOFTWARE
const uint UNROLL = 8 / BLOCKS;

// Where a condition fails, loads whose address is the same for all lanes may be done all the same: behind a `break`, or in the branch
// not taken. So conditions stand at the end of loops, and a loop that is not to be run begins where it may read. Rows are at least 8.
void visit_rows(uint begin, uint end, uint rows, uint channels)
{
    uint r = begin - uint(positive(int(begin + UNROLL - rows)));
    if (begin + UNROLL <= end) {
        do {
            [[unroll]] for (uint i = 0; i < UNROLL; i++) visit_row(r + i, channels);
            r += UNROLL;
        } while (r + UNROLL <= end);
    }
    r = begin + (end - begin) / UNROLL * UNROLL;
    r -= uint(positive(int(r + 1 - rows)));
    if ((end - begin) % UNROLL != 0) {
        do visit_row(r++, channels);
        while (r < end);
    }
}
#else
void visit_rows(uint begin, uint end, uint rows, uint channels)
{
    for (uint r = begin + row(); r < end; r += ROWS) visit_row(r, channels);
}
#endif
