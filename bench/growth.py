#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a training step cost more per image as the batch grows, or more per pixel as the images grow?

Measures whole training steps (nephos bench --steps train) of a narrow network, for batches at one size and for sizes at one batch, and
prints each time beside its ratio to the cheapest of its table. Small steps pay for their dispatches; from there on the ratio should
stay near 1.
"""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def size_of(text):
    height, _, width = text.partition("x")
    return int(height), int(width)


def list_of(kind):
    return lambda text: [kind(part) for part in text.split(",")] if text != "none" else []


def parse_args(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nephos", default=os.path.join(HERE, "..", "build", "nephos"), help="the program (default build/nephos)")
    p.add_argument("--batches", type=list_of(int), default=[1, 2, 4, 8, 16, 32], help="default 1,2,4,8,16,32; none: no such table")
    p.add_argument("--sizes", type=list_of(size_of), default="128x128,128x256,256x256,256x384,512x512,512x768,1024x1024,1024x1536",
                   help="HxW,HxW ... (default 128x128 to 1024x1536); none: no such table")
    p.add_argument("--size", type=size_of, default=(128, 192), help="of the images of all batches (default 128x192)")
    p.add_argument("--batch", type=int, default=1, help="of all sizes (default 1)")
    p.add_argument("--model", default="resnet18", choices=("resnet18", "resnet34", "resnet50", "none"))
    p.add_argument("--encoder-width", type=int, default=16, help="narrow, so that it is quick (default 16)")
    p.add_argument("--kernels", default="auto", help="default auto")
    p.add_argument("--recompute", default="off", choices=("on", "off"))
    p.add_argument("--device", help="default: the first")
    p.add_argument("--seconds", type=float, default=2, help="least time per step kind (default 2)")
    args = p.parse_args(argv)
    if not args.batches and not args.sizes:
        p.error("--batches and --sizes can't both be none")
    if not os.access(args.nephos, os.X_OK):
        p.error("%s is no program; build nephos, or say where it is with --nephos" % args.nephos)
    return args


def step(args, batch, size):
    """(device, seconds of a step)"""
    command = [args.nephos, "bench", "--steps", "train", "--json", "--model", args.model, "--encoder-width", str(args.encoder_width),
               "--height", str(size[0]), "--width", str(size[1]), "--batch", str(batch), "--kernels", args.kernels,
               "--seconds", str(args.seconds)]
    if args.recompute == "on":
        command += ["--recompute", "on"]
    if args.device:
        command += ["--device", args.device]
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    return result["device"], result["results"][0]["seconds"]


def table(title, rows, what, unit):
    """rows: (name, seconds of a step, units in a step)"""
    if not rows:
        return
    least = min(seconds / count for _, seconds, count in rows)
    print("\n%s\n%-12s %12s %16s %8s" % (title, what, "ms a step", "ms " + unit, "ratio"))
    for name, seconds, count in rows:
        print("%-12s %12.2f %16.3f %8.2f" % (name, 1e3 * seconds, 1e3 * seconds / count, seconds / count / least))


def main(argv):
    args = parse_args(argv)
    try:
        by_batch = [(batch,) + step(args, batch, args.size) for batch in args.batches]
        by_size = [(size,) + step(args, args.batch, size) for size in args.sizes]
    except subprocess.CalledProcessError as error:
        print("%s: exit code %d" % (" ".join(error.cmd), error.returncode), file=sys.stderr)
        return 1
    print("Training steps of unet %s, encoder width %d, kernels %s, recompute %s, on %s" % (
        args.model, args.encoder_width, args.kernels, args.recompute, (by_batch + by_size)[0][1]))
    table("Images of %dx%d" % args.size, [(str(batch), seconds, batch) for batch, _, seconds in by_batch], "batch", "an image")
    table("Batch %d" % args.batch, [("%dx%d" % size, seconds, 1e-6 * size[0] * size[1] * args.batch) for size, _, seconds in by_size],
          "size", "a megapixel")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
