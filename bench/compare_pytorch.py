#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same layers, training step and inference in nephos and in PyTorch, on this machine.

Both sides are measured in turn, a process each time, so that a machine whose speed drifts is fair to both; the medians of all rounds
are compared. Prints a table of ratios (above 1: nephos is faster), and writes JSON with --json.

PyTorch runs channels_last; on a CPU eager in single precision, plain and with jemalloc where that is installed; on CUDA single precision
with TF32 off and bf16 autocast, eager and compiled. Layers are compared in single precision. The machine's own ceilings (copy, matrix
product) stand beside.
"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
JEMALLOC = ("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", "/usr/lib/aarch64-linux-gnu/libjemalloc.so.2")
JEMALLOC_CONF = "background_thread:true,dirty_decay_ms:-1,muzzy_decay_ms:-1"


def parse_args(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nephos", default=os.path.join(HERE, "..", "build", "nephos"), help="the program (default build/nephos)")
    p.add_argument("--what", default="train,infer", help="of train, infer, layers; comma separated (default train,infer)")
    p.add_argument("--model", default="resnet34", choices=("resnet18", "resnet34"))
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--height", type=int, default=256)
    p.add_argument("--width", type=int, default=384)
    p.add_argument("--layers", help="CSV with layer,cin,cout,kernel,stride,padding,h_in,w_in; needed for --what layers")
    p.add_argument("--kernels", default="auto", help="kernels of nephos (default auto)")
    p.add_argument("--device", help="device of nephos (default: its first)")
    p.add_argument("--runs", type=int, default=5, help="rounds; medians are compared (default 5)")
    p.add_argument("--steps", type=int, default=3, help="steps PyTorch measures per round, behind two that warm up (default 3)")
    p.add_argument("--seconds", type=float, default=3, help="seconds nephos measures per round (default 3)")
    p.add_argument("--json", metavar="FILE", help="write the results there")
    p.add_argument("--torch-job", help=argparse.SUPPRESS)
    args = p.parse_args(argv)
    if not args.torch_job and not os.access(args.nephos, os.X_OK):
        p.error("%s is no program; build nephos, or say where it is with --nephos" % args.nephos)
    unknown = set(args.what.split(",")) - {"train", "infer", "layers"}
    if unknown or args.runs < 1 or args.steps < 1 or ("layers" in args.what and not args.layers):
        p.error("--what takes train, infer and layers (which needs --layers FILE); --runs and --steps at least 1")
    return args


# --- PyTorch, in a process of its own ---------------------------------------------------------------------------------


def torch_setup(job):
    import torch

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.manual_seed(0)
    cuda = torch.cuda.is_available()
    if not cuda:
        torch.set_num_threads(os.cpu_count() or 1)
    return torch, torch.device("cuda" if cuda else "cpu")


def seconds_of(torch, device, run, steps, warm=2):
    import time

    times = []
    for i in range(warm + steps):
        if device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[warm:])


def torch_network(torch, device, job):
    sys.path.insert(0, os.path.join(HERE, "..", "tests", "golden"))
    from resnet_unet import ResNetUnet

    net = ResNetUnet(job["model"], 64, (256, 128, 64, 32, 16), 4).to(device).to(memory_format=torch.channels_last)
    x = torch.randn(job["batch"], 3, job["height"], job["width"], device=device).to(memory_format=torch.channels_last)
    return net, x


def torch_train(torch, device, job):
    net, x = torch_network(torch, device, job)
    target = (torch.rand(job["batch"], 4, job["height"], job["width"], device=device) > 0.5).float()
    optimizer = torch.optim.Adam(net.parameters(), fused=device.type == "cuda")
    bce = torch.nn.BCEWithLogitsLoss()
    forward = torch.compile(net) if job["compiled"] else net

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=job["bf16"]):
            logits = forward(x)
        logits = logits.float()
        probs = logits.sigmoid()
        over = (0, 2, 3)
        dice = 1 - ((2 * (probs * target).sum(over)) / ((probs + target).sum(over) + 1e-7)).mean()
        (bce(logits, target) + dice).backward()
        optimizer.step()

    return step


def torch_infer(torch, device, job):
    net, x = torch_network(torch, device, job)
    net.eval()
    forward = torch.compile(net) if job["compiled"] else net

    def step():
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=job["bf16"]):
            forward(x).sigmoid()

    return step


def torch_layer(torch, device, job, row):
    """Seconds of forward, data gradient and weight gradient."""
    cin, cout, kernel, stride, pad, h, w = (int(row[k]) for k in ("cin", "cout", "kernel", "stride", "padding", "h_in", "w_in"))
    dtype = torch.bfloat16 if job["bf16"] else torch.float32
    cl = torch.channels_last
    x = torch.randn(job["batch"], cin, h, w, device=device, dtype=dtype).to(memory_format=cl)
    weight = torch.randn(cout, cin, kernel, kernel, device=device, dtype=dtype).to(memory_format=cl)
    y = torch.nn.functional.conv2d(x, weight, None, stride, pad)
    dy = torch.randn_like(y)

    def backward(mask):
        return torch.ops.aten.convolution_backward(dy, x, weight, None, [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], 1, mask)

    with torch.no_grad():
        passes = (
            lambda: torch.nn.functional.conv2d(x, weight, None, stride, pad),
            lambda: backward([True, False, False]),
            lambda: backward([False, True, False]),
        )
        return [seconds_of(torch, device, run, job["steps"]) for run in passes]


def torch_ceilings(torch, device, job):
    """FLOP/s of the largest matrix product and bytes/s of a copy."""
    n = 8192 if device.type == "cuda" else 1024
    a = torch.randn(n, n, device=device, dtype=torch.bfloat16 if job["bf16"] else torch.float32)
    b = torch.randn_like(a)
    product = seconds_of(torch, device, lambda: a @ b, job["steps"])
    source = torch.empty(1 << (30 if device.type == "cuda" else 26), dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    copy = seconds_of(torch, device, lambda: target.copy_(source), job["steps"])
    return {"matmul_gflops": 2e-9 * n**3 / product, "copy_gbytes_per_second": 2e-9 * source.numel() / copy}


def torch_job(job):
    """Runs in the child: prints one JSON object."""
    torch, device = torch_setup(job)
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU, %d threads" % torch.get_num_threads()
    out = {"device": name, "version": torch.__version__, "cuda": device.type == "cuda"}
    if job["what"] == "train":
        out["seconds"] = seconds_of(torch, device, torch_train(torch, device, job), job["steps"])
    elif job["what"] == "infer":
        out["seconds"] = seconds_of(torch, device, torch_infer(torch, device, job), job["steps"])
    elif job["what"] == "layers":
        out["layers"] = {row["layer"]: torch_layer(torch, device, job, row) for row in read_layers(job["layers"])}
    elif job["what"] == "ceilings":
        out.update(torch_ceilings(torch, device, job))
    print(json.dumps(out))


# --- both sides -------------------------------------------------------------------------------------------------------


def read_layers(path):
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    return [row for row in csv.DictReader(lines) if row["layer"] != "total"]


def run(command, env=None):
    """Output of a program and its peak memory in MiB."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    out, err = child.communicate()
    peak = None
    if child.returncode != 0:
        sys.exit("%s failed with code %d\n%s" % (command[0], child.returncode, err.strip()))
    for line in err.splitlines():
        if line.startswith("peak memory"):
            peak = float(line.split()[2])
    return out, peak


PEAK = (
    "import resource, subprocess, sys\n"
    "code = subprocess.call(sys.argv[1:])\n"
    "print('peak memory', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)\n"
    "sys.exit(code)\n"
)


def measured(command, env=None):
    return run([sys.executable, "-c", PEAK] + command, env)


def run_torch(job, setting):
    env = dict(os.environ)
    if setting.get("jemalloc"):
        env.update(LD_PRELOAD=setting["jemalloc"], MALLOC_CONF=JEMALLOC_CONF)
    job = dict(job, bf16=setting.get("bf16", False), compiled=setting.get("compiled", False))
    out, peak = measured([sys.executable, os.path.abspath(__file__), "--torch-job", json.dumps(job)], env)
    return dict(json.loads(out.splitlines()[-1]), peak=peak)


def run_nephos(args, job):
    command = [args.nephos, "bench", "--json", "--batch", str(job["batch"]), "--seconds", str(args.seconds), "--kernels", args.kernels]
    if args.device:
        command += ["--device", args.device]
    if job["what"] == "layers":
        command += ["--layers", args.layers]
    else:
        command += ["--steps", job["what"], "--model", args.model, "--height", str(args.height), "--width", str(args.width)]
    out, peak = measured(command)
    return dict(json.loads(out), peak=peak)


def settings_of(cuda):
    if cuda:
        return [{"name": "%s %s" % ("bf16" if bf16 else "fp32", "compiled" if compiled else "eager"), "bf16": bf16, "compiled": compiled}
                for bf16 in (False, True) for compiled in (False, True)]
    found = [path for path in JEMALLOC if os.path.exists(path)]
    return [{"name": "fp32"}] + [{"name": "fp32, jemalloc", "jemalloc": path} for path in found[:1]]


def compare_steps(args, job, settings, report):
    ours, theirs = [], {s["name"]: [] for s in settings}
    run_nephos(args, job)  # tries its kernels, where that has not happened yet; not counted
    for _ in range(args.runs):
        ours.append(run_nephos(args, job))
        for setting in settings:
            theirs[setting["name"]].append(run_torch(job, setting))
    mine = statistics.median(r["results"][0]["seconds"] for r in ours)
    report["nephos_device"] = ours[0]["device"]
    row = {"what": job["what"], "batch": job["batch"], "nephos": job["batch"] / mine, "nephos_peak_mib": max(r["peak"] for r in ours)}
    for name, results in theirs.items():
        other = statistics.median(r["seconds"] for r in results)
        row[name] = {"images_per_second": job["batch"] / other, "ratio": other / mine, "peak_mib": max(r["peak"] for r in results)}
        print("%-6s batch %-3d nephos %8.2f images/s (%5.0f MiB)   PyTorch %-16s %8.2f images/s (%5.0f MiB)   ratio %.2f" % (
            job["what"], job["batch"], row["nephos"], row["nephos_peak_mib"], name, row[name]["images_per_second"],
            row[name]["peak_mib"], row[name]["ratio"]), flush=True)
    report["steps"].append(row)


PASSES = ("forward", "data gradient", "weight gradient")


def best_of(runs, layer, kind):
    """The kernel with the least median of all rounds for a pass; rows are called PASS or PASS VARIANT."""
    times = {}
    for result in runs:
        for row in result["results"]:
            if row["name"] == layer and (row["pass"] == kind or row["pass"].startswith(kind + " ")):
                times.setdefault(row["pass"], []).append(row["seconds"])
    return min(statistics.median(seconds) for seconds in times.values())


def compare_layers(args, job, settings, report):
    ours, theirs = [], []
    for _ in range(args.runs):
        ours.append(run_nephos(args, job))
        theirs.append(run_torch(job, settings[0]))
    report["nephos_device"] = ours[0]["device"]
    print("%-32s %-16s %12s %12s %7s" % ("layer", "pass", "nephos", "PyTorch", "ratio"))
    for row in read_layers(args.layers):
        out = 1 + (int(row["h_in"]) + 2 * int(row["padding"]) - int(row["kernel"])) // int(row["stride"])
        out *= 1 + (int(row["w_in"]) + 2 * int(row["padding"]) - int(row["kernel"])) // int(row["stride"])
        gflop = 2e-9 * job["batch"] * out * int(row["cin"]) * int(row["cout"]) * int(row["kernel"]) ** 2
        for i, kind in enumerate(PASSES):
            mine = best_of(ours, row["layer"], kind)
            other = statistics.median(r["layers"][row["layer"]][i] for r in theirs)
            print("%-32s %-16s %6.1f GFLOP/s %6.1f GFLOP/s %6.2f" % (row["layer"], kind, gflop / mine, gflop / other, other / mine))
            report["layers"].append({"layer": row["layer"], "pass": kind, "nephos_gflops": gflop / mine,
                                     "pytorch_gflops": gflop / other, "ratio": other / mine})


def main(argv):
    args = parse_args(argv)
    if args.torch_job:
        torch_job(json.loads(args.torch_job))
        return 0
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed; on Debian: apt install python3-torch", file=sys.stderr)
        return 2
    job = {"model": args.model, "batch": args.batch, "height": args.height, "width": args.width, "steps": args.steps,
           "layers": args.layers}
    settings = settings_of(torch.cuda.is_available())
    ceilings = run_torch(dict(job, what="ceilings"), settings[0])
    report = {"pytorch": ceilings["version"], "pytorch_device": ceilings["device"], "steps": [], "layers": [],
              "ceilings": {k: ceilings[k] for k in ("matmul_gflops", "copy_gbytes_per_second")}}
    print("PyTorch %s on %s: matrix product %.0f GFLOP/s, copy %.1f GB/s" % (
        report["pytorch"], report["pytorch_device"], ceilings["matmul_gflops"], ceilings["copy_gbytes_per_second"]))
    for what in args.what.split(","):
        compare = compare_layers if what == "layers" else compare_steps
        compare(args, dict(job, what=what), settings, report)
    print("nephos on %s" % report["nephos_device"])
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
