// SPDX-License-Identifier: MIT
// Choosing a batch by the memory there is.
#ifndef TRAIN_FIT_H
#define TRAIN_FIT_H

#include "net/net.h"

// Gives every node the scratch memory of the neediest kernel that could compute it here.
void fit_allow_for_variants(const struct net_graph *graph);
// What may be planned of the bytes free: the rest is for staging buffers, the driver, and other programs.
uint64_t fit_usable(uint64_t budget);
// The largest sensible batch, at most `most`, that `fitting` agrees to; 0: none.
uint32_t fit_largest(bool (*fitting)(void *user, uint32_t batch), void *user, uint32_t most);

#endif
