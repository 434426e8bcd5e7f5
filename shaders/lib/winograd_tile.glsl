// SPDX-License-Identifier: MIT
// Where tiles are. Needs `p`, a winograd_push.
struct place { // of a tile
    int n, h, w;
};

place locate(uint tile)
{
    tile = min(tile, p.tiles - 1); // past the end the last one again
    const uint row = tile / p.tw;
    return place(int(row / p.th), int(row % p.th * WINOGRAD_SIDE), int(tile % p.tw * WINOGRAD_SIDE));
}
