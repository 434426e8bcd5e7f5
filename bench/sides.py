# SPDX-License-Identifier: MIT
"""The two sides of compare_pytorch.py: each starts, measures a round when told to, and stops. nephos is a process each round, PyTorch
one that waits in between. `seconds()` of all rounds; `peak`, the most memory in bytes."""
import json
import os
import subprocess
import sys
import tempfile

MALLOC_CONF = "background_thread:true,dirty_decay_ms:-1,muzzy_decay_ms:-1"


class Refused(Exception):
    """Work that this side can't do on this machine."""


# Runs a program and says on standard error what it took at most: the kernel tells that of ended children only.
PEAK = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print("peak", 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


class Nephos:
    name = "nephos"

    def __init__(self, args, job):
        self.command = [args.nephos, "bench", "--json", "--batch", str(job["batch"]), "--seconds", str(args.seconds)]
        self.command += ["--kernels", args.kernels] + (["--device", args.device] if args.device else [])
        if job["what"] == "layers":
            self.command += ["--layers", args.layers]
        else:
            self.command += ["--steps", job["what"], "--model", args.model, "--height", str(args.height), "--width", str(args.width)]
            self.command += ["--precision", job["precision"]] if job["precision"] != "fp32" else []
        self.rounds, self.peak = [], 0
        self.result, _ = self.run()  # not counted: tries its kernels where that has not happened yet, which takes more memory too

    def run(self):
        child = subprocess.run([sys.executable, "-c", PEAK] + self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines = child.stderr.strip().splitlines()
        if child.returncode == 2:
            raise Refused(lines[-2] if len(lines) > 1 else "wrong options")
        if child.returncode != 0:
            sys.exit("%s failed with code %d\n%s" % (" ".join(self.command), child.returncode, child.stderr.strip()))
        return json.loads(child.stdout), int(lines[-1].split()[1])

    def round(self):
        result, peak = self.run()
        self.rounds.append(result)
        self.peak = max(self.peak, peak)

    def seconds(self):
        return [result["results"][0]["seconds"] for result in self.rounds]


class Torch:
    def __init__(self, args, job, setting, jemalloc=None):
        self.name = "PyTorch " + setting + (", jemalloc" if jemalloc else "")
        env = dict(os.environ, **({"LD_PRELOAD": jemalloc, "MALLOC_CONF": MALLOC_CONF} if jemalloc else {}))
        job = dict(job, setting=setting, seconds=args.seconds, threads=args.threads)
        self.errors = tempfile.TemporaryFile("w+")
        command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_side.py"), json.dumps(job)]
        self.child = subprocess.Popen(command, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.rounds, self.peak = [], 0
        self.info = self.answer("ready")

    def answer(self, key):
        for line in self.child.stdout:
            said = json.loads(line) if line.startswith("{") else {}  # libraries print as well
            if "refused" in said:
                self.child.communicate()
                raise Refused(said["refused"])
            if key in said:
                return said[key]
        self.child.wait()
        self.errors.seek(0)
        raise Refused("ended with code %d: %s" % (self.child.returncode, (self.errors.read().strip().splitlines() or ["no word"])[-1]))

    def round(self):
        print("round", file=self.child.stdin, flush=True)
        self.rounds.append(self.answer("seconds"))

    def seconds(self):
        return self.rounds

    def stop(self):
        self.child.stdin.close()
        self.peak = self.answer("peak")
        self.child.wait()
