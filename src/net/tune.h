// SPDX-License-Identifier: MIT
#ifndef NET_TUNE_H
#define NET_TUNE_H

#include "net/net.h"

// The name under which the choice for a node is noted.
void net_tune_key(const struct net_graph *graph, const struct net_node *node, char *key, size_t size);

#endif
