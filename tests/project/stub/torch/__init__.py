# SPDX-License-Identifier: MIT
"""As much of PyTorch as bench/torch_side.py needs to run through: nothing is computed. Inference leaves a word in the file $STUB_LOG,
and fails once nephos has left $STUB_STOP words there."""
import os
import sys


class Anything:
    """Whatever is done with it gives itself."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_, **__):
        return self

    __add__ = __iadd__ = __radd__ = __sub__ = __rsub__ = __mul__ = __truediv__ = __gt__ = __getitem__ = __enter__ = __call__

    def __iter__(self):
        return iter(())

    def __exit__(self, *_):
        return False


class Module:
    def __call__(self, *args):
        return self.forward(*args)

    def to(self, *_, **__):
        return self

    eval = to

    def modules(self):
        return []

    parameters = modules


class Nn(Anything):
    Module = Module
    ModuleList = list


class Cuda(Anything):
    def is_available(self):
        return False


class Cpu(Anything):
    type = "cpu"


def device(_):
    return Cpu()


def get_num_threads():
    return 3


def inference_mode():
    with open(os.environ["STUB_LOG"], "a", encoding="utf-8") as file:
        print("torch", file=file)
    with open(os.environ["STUB_LOG"], encoding="utf-8") as file:
        if file.read().count("nephos") >= int(os.environ.get("STUB_STOP", 1 << 30)):
            raise RuntimeError("the stub stops")
    return anything


def compile(_):
    raise RuntimeError("no compiler in the stub\nand more lines")


__version__ = "stub"
anything, nn, cuda = Anything(), Nn(), Cuda()
sys.modules.update({"torch.nn": nn, "torch.nn.functional": nn.functional})


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return anything
