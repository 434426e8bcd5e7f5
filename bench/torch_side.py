#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch's side of compare_pytorch.py: one process for one piece of work in one setting.

usage: torch_side.py JOB, a JSON object. Prints one JSON object a line: first {"ready": ...} with what it runs on, once the work has run
and is warm, or {"refused": why}; then {"seconds": ...} for each line it reads; at the end of its input {"peak": bytes}.

A job has `what` (train, infer, layers, ceilings), `setting` (eager, compiled, frozen, onnxruntime), `precision` (fp32, bf16, fp16),
`seconds` (least time of a measurement), and what the work needs: `model`, `batch`, `height`, `width`, or `layers`, rows of numbers.
"""
import json
import os
import resource
import statistics
import sys
import tempfile
import time

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda" if CUDA else "cpu")
LEAST_RUNS = 2


class Refused(Exception):
    """This machine or this PyTorch can't do the work in this setting."""


def synchronize():
    if CUDA:
        torch.cuda.synchronize()


def measure(run, least):
    """Median seconds of runs behind one that warms up: for that long, at least two. As nephos bench measures."""
    times = []
    run()
    synchronize()
    started = time.perf_counter()
    while len(times) < LEAST_RUNS or time.perf_counter() - started < least:
        begin = time.perf_counter()
        run()
        synchronize()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def autocast(job):
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(job["precision"], torch.bfloat16)
    cached = job["setting"] != "frozen"  # casts that a trace is to contain
    return torch.autocast(DEVICE.type, dtype, enabled=job["precision"] != "fp32", cache_enabled=cached)


def network(job):
    """The reference definition that the golden files of the tests come from, and images for it."""
    sys.path.insert(0, os.path.join(HERE, "..", "tests", "golden"))
    import resnet_unet

    net = resnet_unet.ResNetUnet(job["model"]).to(DEVICE).to(memory_format=torch.channels_last)
    x = torch.randn(job["batch"], 3, job["height"], job["width"], device=DEVICE).to(memory_format=torch.channels_last)
    return net, x, resnet_unet.bce_dice_loss


# --- work: each returns what one run is ----------------------------------------------------------------------------------


def train(job):
    net, x, loss_of = network(job)
    target = torch.randint(0, 2, (job["batch"], 4, job["height"], job["width"]), device=DEVICE).float()
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    scaler = torch.amp.GradScaler(DEVICE.type, enabled=CUDA and job["precision"] == "fp16")
    if job["setting"] not in ("eager", "compiled"):
        raise Refused("only inference can be %s" % job["setting"])
    forward = torch.compile(net) if job["setting"] == "compiled" else net

    def step():
        optimizer.zero_grad(set_to_none=True)
        with autocast(job):
            logits = forward(x)
        scaler.scale(loss_of(logits.float(), target)).backward()
        scaler.step(optimizer)
        scaler.update()

    return step


class Probabilities(torch.nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x).sigmoid()


def onnx_run(net, x):
    """ONNX Runtime on the same network, its CPU kernels."""
    try:
        import onnx  # PyTorch writes the file with it
        import onnxruntime
    except ImportError as error:
        raise Refused("%s is not installed" % error.name) from error
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.onnx")
        torch.onnx.export(net, (x,), path, dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x.contiguous().numpy()}
    return lambda: session.run(None, feed)


def infer(job):
    net, x, _ = network(job)
    net = Probabilities(net).eval()
    if job["setting"] == "onnxruntime":
        if CUDA or job["precision"] != "fp32":
            raise Refused("measured on CPUs in fp32 only")
        return onnx_run(net, x)
    if job["setting"] == "compiled":
        net = torch.compile(net)
    with torch.inference_mode(), autocast(job):
        if job["setting"] == "frozen":
            net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))

    def step():
        with torch.inference_mode(), autocast(job):
            net(x)

    return step


def layer(job, shape):
    """Forward, gradient of the input, gradient of the weights."""
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(job["precision"], torch.float32)
    form = {"device": DEVICE, "dtype": dtype}
    stride, pad, kernel = [shape["stride"]] * 2, [shape["padding"]] * 2, [shape["kernel"]] * 2
    x = torch.randn(job["batch"], shape["cin"], shape["h_in"], shape["w_in"], **form).to(memory_format=torch.channels_last)
    w = torch.randn(shape["cout"], shape["cin"], *kernel, **form).to(memory_format=torch.channels_last)
    dy = torch.randn_like(torch.nn.functional.conv2d(x, w, None, stride, pad))

    def backward(mask):
        return torch.ops.aten.convolution_backward(dy, x, w, None, stride, pad, [1, 1], False, [0, 0], 1, mask)

    return (
        lambda: torch.nn.functional.conv2d(x, w, None, stride, pad),
        lambda: backward([True, False, False]),
        lambda: backward([False, True, False]),
    )


def measure_layers(job):
    with torch.no_grad():
        return {name: [measure(run, job["seconds"]) for run in layer(job, shape)] for name, shape in job["layers"].items()}


def products(n, dtype):
    """Two ways to the same product of n x n matrices: a CPU's BLAS may be a plain one where the convolutions are not."""
    a = torch.randn(n, n, device=DEVICE, dtype=dtype)
    b = torch.randn_like(a)
    pixels = torch.randn(1, n, 1, n, device=DEVICE, dtype=dtype).to(memory_format=torch.channels_last)
    weights = b.reshape(n, n, 1, 1).to(memory_format=torch.channels_last)
    return (lambda: torch.mm(a, b)), (lambda: torch.nn.functional.conv2d(pixels, weights))


def measure_ceilings(job):
    """The largest FLOP/s of a matrix product and bytes/s of a copy (read and written)."""
    dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(job["precision"], torch.float32)
    flops, bandwidth = 0, 0
    for n in (4096, 8192) if CUDA else (512, 1024, 2048):
        with torch.no_grad():
            for run in products(n, dtype):
                flops = max(flops, 2 * n**3 / measure(run, job["seconds"]))
    for size in (1 << 30,) if CUDA else (1 << 26, 1 << 28):
        source = torch.ones(size, dtype=torch.uint8, device=DEVICE)
        target = torch.ones_like(source)
        bandwidth = max(bandwidth, 2 * size / measure(lambda: target.copy_(source), job["seconds"]))
    return {"flops": flops, "bytes_per_second": bandwidth}


# --- the conversation ----------------------------------------------------------------------------------------------------


def say(**what):
    print(json.dumps(what), flush=True)


def prepare(job):
    """What to do for each line read."""
    if job["what"] == "layers":
        return lambda: measure_layers(job)
    if job["what"] == "ceilings":
        return lambda: measure_ceilings(job)
    run = train(job) if job["what"] == "train" else infer(job)
    for _ in range(2):
        run()
    synchronize()
    return lambda: measure(run, job["seconds"])


def peak_memory():
    """Bytes: of the device where that is not the CPU, else of this process."""
    return torch.cuda.max_memory_allocated() if CUDA else 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(job):
    if job.get("threads"):
        torch.set_num_threads(job["threads"])
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(0)
    try:
        work = prepare(job)
    except Refused as why:
        say(refused=str(why))
        return
    except Exception as error:  # a compiler, an exporter, the driver: whatever it is, the others go on without
        say(refused="%s: %s" % (type(error).__name__, (str(error).strip() or "no reason given").splitlines()[0]))
        return
    say(ready={"version": torch.__version__, "cuda": CUDA, "threads": torch.get_num_threads(),
               "device": torch.cuda.get_device_name() if CUDA else "CPU"})
    for _ in sys.stdin:
        say(seconds=work())
    say(peak=peak_memory())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
