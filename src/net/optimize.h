// SPDX-License-Identifier: MIT
// The end of a training step: the norm of the whole gradient, then the optimizer over each chunk of the parameter slab.
#ifndef NET_OPTIMIZE_H
#define NET_OPTIMIZE_H

#include "net/net.h"

#define NET_NORM_SIZE 16 // bytes of clip_scale's result: {scale, norm, finite, loss scale}

struct net_optimize;
// `store` must have been prepared by net_store_train with the optimizer's moments.
enum nephos_status net_optimize_create(struct gpu *gpu, struct net_store *store, const struct net_optimizer *optimizer,
                                       struct net_optimize **optimize);
void net_optimize_destroy(struct net_optimize **optimize);
void net_optimize_record(struct net_optimize *optimize, struct gpu_stream *stream, struct gpu_range step);
struct gpu_range net_optimize_norm(const struct net_optimize *optimize);

#endif
