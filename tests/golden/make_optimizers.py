#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden values of optimizers: one parameter vector, the same gradients for each, the parameter after every step in double precision.

usage: make_optimizers.py [FOLDER]   (needs torch and safetensors)
"""
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

COUNT, STEPS, LEARNING_RATE = 65, 24, 1e-2
CASES = {
    "radam": lambda p: torch.optim.RAdam(p, lr=LEARNING_RATE, weight_decay=0.1),  # rectified from the 6th step on
    "nadam": lambda p: torch.optim.NAdam(p, lr=LEARNING_RATE, weight_decay=0.1),
}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "golden")
    torch.manual_seed(7)
    start = torch.randn(COUNT)
    gradients = torch.randn(STEPS, COUNT) * 10.0 ** torch.randint(-3, 2, (COUNT,))
    tensors = {"start": start, "gradients": gradients}
    for name, make in CASES.items():
        p = torch.nn.Parameter(start.double())
        optimizer, rows = make([p]), []
        for g in gradients:
            p.grad = g.double()
            optimizer.step()
            rows.append(p.detach().float().clone())
        tensors[name] = torch.stack(rows)
    save_file(tensors, folder / "optimizers.safetensors")


if __name__ == "__main__":
    main()
