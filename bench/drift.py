#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a training get slower, or larger in memory, the longer it runs?

Trains a small network on drawn images, an epoch being a hundred steps (fewer if --steps is below 200), and prints time and resident
memory of every epoch, then the last relative to the first that had nothing left to compile. Linux only: reads /proc.
"""
import argparse
import csv
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 4


def parse_args(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nephos", default=os.path.join(HERE, "..", "build", "nephos"), help="the program (default build/nephos)")
    p.add_argument("--steps", type=int, default=1000, help="a multiple of 100, or less than 200 and even (default 1000)")
    p.add_argument("--height", type=int, default=64)
    p.add_argument("--width", type=int, default=96)
    p.add_argument("--model", default="resnet18", choices=("resnet18", "resnet34", "resnet50", "none"))
    p.add_argument("--encoder-width", type=int, default=8)
    p.add_argument("--kernels", default="auto", help="default auto")
    p.add_argument("--device", help="default: the first")
    args = p.parse_args(argv)
    args.each = 100 if args.steps >= 200 else args.steps // 2
    if args.each < 1 or args.steps % args.each:
        p.error("--steps must be a multiple of 100, or less than 200 and even")
    if not os.access(args.nephos, os.X_OK):
        p.error("%s is no program; build nephos, or say where it is with --nephos" % args.nephos)
    return args


def draw(args, folder):
    """Images for one epoch's steps, and as many for validation as make a batch."""
    subprocess.run([args.nephos, "synth", "--out", folder, "--images", str((args.each + 1) * BATCH), "--height", str(args.height),
                    "--width", str(args.width)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.remove(os.path.join(folder, "split.csv"))


def resident_kib(pid):
    with open("/proc/%d/status" % pid) as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def train(args, data, out):
    """KiB of resident memory at the end of each epoch."""
    command = [args.nephos, "train", "--data", data, "--out", out, "--encoder", args.model, "--encoder-width", str(args.encoder_width),
               "--height", str(args.height), "--width", str(args.width), "--batch", str(BATCH), "--epochs", str(args.steps // args.each),
               "--patience", "0", "--examples", "0", "--val-share", str(1 / (args.each + 1)), "--kernels", args.kernels]
    if args.device:
        command += ["--device", args.device]
    memory, messages = [], []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            messages.append(line)
            if line.startswith("epoch "):
                memory.append(resident_kib(process.pid))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr="".join(messages))
    return memory


def main(argv):
    args = parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        data, out = os.path.join(folder, "data"), os.path.join(folder, "run")
        try:
            draw(args, data)
            memory = train(args, data, out)
        except subprocess.CalledProcessError as error:
            print("%s: exit code %d\n%s" % (" ".join(error.cmd), error.returncode, error.stderr or ""), file=sys.stderr)
            return 1
        with open(os.path.join(out, "history.csv")) as history:
            times = [BATCH / float(row["images_per_second"]) for row in csv.DictReader(history)]
    print("%d training steps of unet %s, encoder width %d, %dx%d, batch %d, kernels %s" % (
        args.steps, args.model, args.encoder_width, args.height, args.width, BATCH, args.kernels))
    print("%-12s %12s %16s" % ("steps", "ms a step", "resident MiB"))
    for i, (seconds, kib) in enumerate(zip(times, memory)):
        print("%-12s %12.2f %16.1f" % ("%d-%d" % (i * args.each + 1, (i + 1) * args.each), 1e3 * seconds, kib / 1024))
    base = 1 if len(times) > 2 else 0 # the first pays for compiling
    print("%-12s %12.3f %16.3f" % ("last/%s" % ("second" if base else "first"), times[-1] / times[base], memory[-1] / memory[base]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
