#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same layers, training step and inference in nephos and in PyTorch, on this machine.

Both sides measure in turn, round by round, so that a machine whose speed drifts is fair to both; the medians of all rounds are
compared. Within a round each side warms up once, then runs for --seconds, at least twice. A ratio above 1 says that nephos is faster.

PyTorch runs channels_last in each setting that this machine can do, in a process each, and the best of them counts: eager, compiled,
for inference on a CPU also frozen and ONNX Runtime; on a CPU with jemalloc preloaded where that is installed; on CUDA with TF32 off.
Other precisions than fp32 are autocast there and --precision here. The same images, loss (BCE + Dice) and optimizer (Adam) on both sides.
nephos also unpacks the images from bytes, and when training computes metrics and the gradient's norm.
"""
import argparse
import ctypes.util
import csv
import glob
import json
import os
import platform
import statistics
import sys

from sides import Nephos, Refused, Torch

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = {"train": ("eager", "compiled"), "infer": ("eager", "compiled", "frozen", "onnxruntime")}
PASSES = ("forward", "data gradient", "weight gradient")


def words(allowed):
    def read(text):
        found = text.split(",")
        if not set(found) <= set(allowed):
            raise argparse.ArgumentTypeError("of %s, separated by commas" % ", ".join(allowed))
        return found

    return read


def counts(text):
    found = [int(word) for word in text.split(",")]
    if min(found) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return found


def parse_args(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nephos", default=os.path.join(HERE, "..", "build", "nephos"), help="the program (default build/nephos)")
    p.add_argument("--what", type=words(("train", "infer", "layers")), default=["train", "infer"], metavar="WORK",
                   help="of train, infer, layers; comma separated (default train,infer)")
    p.add_argument("--model", default="resnet34", choices=("resnet18", "resnet34"))
    p.add_argument("--batch", type=counts, default=[4], metavar="N", help="images of a training step, and of layers (default 4)")
    p.add_argument("--infer-batch", type=counts, default=[1, 4], metavar="N,...", help="images of an inference (default 1,4)")
    p.add_argument("--height", type=int, default=256)
    p.add_argument("--width", type=int, default=384)
    p.add_argument("--layers", metavar="FILE", help="CSV with layer,cin,cout,kernel,stride,padding,h_in,w_in; needed for --what layers")
    p.add_argument("--precision", type=words(("fp32", "bf16", "fp16")), default=["fp32"], metavar="P,...",
                   help="of fp32, bf16, fp16, for both sides (default fp32)")
    p.add_argument("--without", type=words(("compiled", "frozen", "onnxruntime", "jemalloc")), default=[], metavar="SETTING,...",
                   help="settings of PyTorch to leave out: compiled, frozen, onnxruntime, jemalloc")
    p.add_argument("--jemalloc", metavar="FILE", help="the library to preload for PyTorch on a CPU (default: the system's, if any)")
    p.add_argument("--threads", type=int, help="of PyTorch on a CPU (default: its own choice)")
    p.add_argument("--kernels", default="auto", help="kernels of nephos (default auto)")
    p.add_argument("--device", help="device of nephos (default: its first)")
    p.add_argument("--rounds", type=int, default=5, help="measured rounds of both sides, at least 5 (default 5)")
    p.add_argument("--seconds", type=float, default=0.5, help="least time a side measures in a round (default 0.5)")
    p.add_argument("--json", metavar="FILE", help="write the results there, with the figures of every round")
    args = p.parse_args(argv)
    if not os.access(args.nephos, os.X_OK):
        p.error("%s is no program; build nephos, or say where it is with --nephos" % args.nephos)
    if args.rounds < 5:
        p.error("--rounds must be at least 5: medians of fewer say little")
    if "layers" in args.what and not args.layers:
        p.error("--what layers needs --layers FILE")
    return args


# --- this machine --------------------------------------------------------------------------------------------------------


def cpu_model():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def find_jemalloc(args):
    if args.jemalloc:
        return args.jemalloc
    named = ctypes.util.find_library("jemalloc")
    return next(iter(sorted(glob.glob("/usr/lib*/%s" % named) + glob.glob("/usr/lib/*/%s" % named))), None) if named else None


# --- comparisons ---------------------------------------------------------------------------------------------------------


class Comparison:
    def __init__(self, args):
        self.args = args
        self.jemalloc = None if "jemalloc" in args.without else find_jemalloc(args)
        self.report = {"cpu": cpu_model(), "processors": os.cpu_count(), "rounds": args.rounds, "ceilings": {}, "steps": [], "layers": [],
                       "left_out": []}

    def leave_out(self, job, name, why):
        self.report["left_out"].append({"what": job["what"], "precision": job["precision"], "setting": name, "why": str(why)})
        print("  left out: %s: %s" % (name, why), flush=True)

    def start(self, job, settings):
        """nephos and PyTorch in those of the settings that can do the job; None where one of the two sides can't."""
        sides = []
        try:
            sides.append(Nephos(self.args, job))
            self.report["nephos"] = {key: sides[0].result[key] for key in ("device", "driver")}
        except Refused as why:
            return self.leave_out(job, "nephos", why)
        refused = set()
        for setting, allocator in settings:
            try:
                if setting not in refused:
                    sides.append(Torch(self.args, job, setting, allocator))
            except Refused as why:
                refused.add(setting)
                self.leave_out(job, "PyTorch " + setting, why)
        return sides if len(sides) > 1 else None

    def allocators(self):
        """Libraries to preload; the last is the best."""
        return (None, self.jemalloc) if self.jemalloc and not self.report["cuda"] else (None,)

    def measure(self, sides):
        for _ in range(self.args.rounds):
            for side in sides:
                side.round()
        for side in sides[1:]:
            side.stop()

    def ceilings(self, precision):
        job = {"what": "ceilings", "precision": precision}
        side = Torch(self.args, job, "eager", self.jemalloc)
        side.round()
        side.stop()
        info = side.info
        self.report.update(pytorch=info["version"], pytorch_device=info["device"], pytorch_threads=info["threads"], cuda=info["cuda"])
        self.report["ceilings"][precision] = side.rounds[0]
        print("%s: matrix product %.0f GFLOP/s, copy %.1f GB/s" % (precision, side.rounds[0]["flops"] / 1e9,
                                                                   side.rounds[0]["bytes_per_second"] / 1e9), flush=True)

    def steps(self, what, batch, precision):
        job = {"what": what, "batch": batch, "precision": precision, "model": self.args.model, "height": self.args.height,
               "width": self.args.width}
        print("\n%s %s %dx%d, batch %d, %s" % (what, job["model"], job["height"], job["width"], batch, precision), flush=True)
        sides = self.start(job, [(s, a) for s in SETTINGS[what] if s not in self.args.without for a in self.allocators()])
        if not sides:
            return
        self.measure(sides)
        flop = sides[0].result["results"][0]["gflops"] * sides[0].result["results"][0]["seconds"] * 1e9
        mine = statistics.median(sides[0].seconds())
        rows = [dict(name=side.name, seconds=side.seconds(), images_per_second=batch / statistics.median(side.seconds()),
                     of_product=flop / statistics.median(side.seconds()) / self.report["ceilings"][precision]["flops"],
                     peak_bytes=side.peak, ratio=statistics.median(side.seconds()) / mine) for side in sides]
        rows[0]["device_bytes"] = sides[0].result["results"][0]["memory_size"]
        best = min(rows[1:], key=lambda row: row["ratio"])
        self.report["steps"].append(dict(job, flop=flop, sides=rows, best=best["name"], ratio=best["ratio"]))
        print("  %-32s %9s %17s %11s %9s %7s" % ("", "images/s", "slowest..fastest", "of product", "peak MiB", "ratio"))
        for row in rows:
            print("  %-32s %9.2f %8.2f..%7.2f %10.0f%% %9.0f %7.2f%s" % (
                row["name"], row["images_per_second"], batch / max(row["seconds"]), batch / min(row["seconds"]), 100 * row["of_product"],
                row["peak_bytes"] / 2**20, row["ratio"], "  <- the best" if row is best else ""), flush=True)
        print("  nephos plans %.0f MiB on its device" % (rows[0]["device_bytes"] / 2**20))

    def layers(self, batch, precision):
        layers = read_layers(self.args.layers)
        job = {"what": "layers", "batch": batch, "precision": precision, "layers": layers}
        print("\nlayers, batch %d, %s: GFLOP/s (percent of matrix product, of copy)" % (batch, precision), flush=True)
        sides = self.start(job, [("eager", self.allocators()[-1])])
        if not sides:
            return
        self.measure(sides)
        print("%-30s %-16s %-28s %20s %20s %7s" % ("layer", "pass", "kernel", "nephos", sides[1].name, "ratio"))
        for name, shape in layers.items():
            flop, moved = work_of(shape, batch, 4 if precision == "fp32" else 2)
            for i, kind in enumerate(PASSES):
                best = best_kernel([r["results"] for r in sides[0].rounds], name, kind, precision)
                if not best:
                    continue  # none of --kernels can compute it
                kernel, mine = best
                other = [r[name][i] for r in sides[1].rounds]
                row = {"layer": name, "pass": kind, "batch": batch, "precision": precision, "kernel": kernel, "flop": flop, "bytes": moved,
                       "nephos_seconds": mine, "pytorch_seconds": other, "ratio": statistics.median(other) / statistics.median(mine)}
                self.report["layers"].append(row)
                print("%-30s %-16s %-28s %20s %20s %7.2f" % (
                    name, kind, kernel, self.speed(row, mine), self.speed(row, other), row["ratio"]))

    def speed(self, row, seconds):
        ceiling, time = self.report["ceilings"][row["precision"]], statistics.median(seconds)
        return "%.0f (%3.0f, %3.0f)" % (row["flop"] / time / 1e9, 100 * row["flop"] / time / ceiling["flops"],
                                        100 * row["bytes"] / time / ceiling["bytes_per_second"])

    def attempt(self, what, precision, work):
        """False where PyTorch failed on the way: what has been measured before is kept, and the others go on."""
        try:
            work()
            return True
        except Refused as why:
            self.leave_out({"what": what, "precision": precision}, "PyTorch", why)
            return False

    def run(self):
        for precision in self.args.precision:
            if not self.attempt("ceilings", precision, lambda: self.ceilings(precision)):
                continue
            for what in self.args.what:
                for batch in self.args.infer_batch if what == "infer" else self.args.batch:
                    measure = self.layers if what == "layers" else lambda *job: self.steps(what, *job)
                    self.attempt(what, precision, lambda: measure(batch, precision))


def read_layers(path):
    """Rows by name, as numbers."""
    with open(path, encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        keys = ("cin", "cout", "kernel", "stride", "padding", "h_in", "w_in")
        return {row["layer"]: {key: int(row[key]) for key in keys} for row in rows if row["layer"] != "total"}


def work_of(shape, batch, size):
    """Operations of one pass, and the bytes of its operands, elements of `size` bytes."""
    out = [(shape[key] + 2 * shape["padding"] - shape["kernel"]) // shape["stride"] + 1 for key in ("h_in", "w_in")]
    weights = shape["cin"] * shape["cout"] * shape["kernel"] ** 2
    elements = batch * (shape["cin"] * shape["h_in"] * shape["w_in"] + shape["cout"] * out[0] * out[1]) + weights
    return 2 * batch * out[0] * out[1] * weights, size * elements


def best_kernel(rounds, layer, kind, precision):
    """The fastest by the median of its rounds, and its seconds; a `pass` is called by its kind, for a variant with its name behind."""
    times = {}
    for row in (row for rows in rounds for row in rows if row["name"] == layer):
        variant = (row["pass"] + " ")[len(kind) + 1:].strip() or "baseline"
        exact_or_asked = not variant.startswith("matrix") or precision != "fp32" and variant.endswith("-bf16") == (precision == "bf16")
        if (row["pass"] + " ").startswith(kind + " ") and exact_or_asked:
            times.setdefault(variant, []).append(row["seconds"])
    return min(times.items(), key=lambda item: statistics.median(item[1]), default=None)


def main(argv):
    args = parse_args(argv)
    comparison = Comparison(args)
    comparison.run()
    report = comparison.report
    if "pytorch" not in report:
        print("PyTorch can't be used: %s; on Debian: apt install python3-torch" % report["left_out"][0]["why"], file=sys.stderr)
        return 2
    if "nephos" in report:
        print("\nnephos on %(device)s, %(driver)s" % report["nephos"])
    print("PyTorch %s on %s; %s, %d processors, %d threads; medians of %d rounds" % (
        report["pytorch"], report["pytorch_device"], report["cpu"], report["processors"], report["pytorch_threads"], report["rounds"]))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    return 0 if report["steps"] or report["layers"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
