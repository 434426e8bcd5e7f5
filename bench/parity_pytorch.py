#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a training in nephos take the same course as in PyTorch?

Both start from the same weights (drawn by PyTorch), see the same images in the same order without augmentation, and take the same steps
(BCE + Dice, Adam or SGD with momentum). Their losses are printed side by side, every tenth step; the exit code is 1 where they differ by
more than --tolerance. Rounding errors grow from step to step in any training; --double has PyTorch do it in double precision as well, and
shows how far PyTorch's own floats are from that.

--data is a folder in the generic layout with masks_bits/ and classes.txt; images are resized once, by Pillow, and given to both sides as
PNG files, so that decoders and filters play no part. Needs PyTorch, safetensors and Pillow (Debian: python3-torch, python3-safetensors,
python3-pil).
"""
import argparse
import copy
import csv
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "golden"))
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as nephos normalises
SHUFFLE = 2  # enum base_rng_purpose
WORD = 0xFFFFFFFF


def parse_args(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nephos", default=os.path.join(HERE, "..", "build", "nephos"), help="the program (default build/nephos)")
    p.add_argument("--data", required=True, metavar="DIR", help="images/, masks_bits/, classes.txt, and split.csv if there is one")
    p.add_argument("--model", default="resnet34", choices=("resnet18", "resnet34"))
    p.add_argument("--encoder-width", type=int, default=64)
    p.add_argument("--height", type=int, default=256)
    p.add_argument("--width", type=int, default=384)
    p.add_argument("--batch", type=int, default=4)
    p.add_argument("--steps", type=int, default=200)
    p.add_argument("--optimizer", default="adam", choices=("adam", "sgd"), help="sgd: with a momentum of 0.9 (default adam)")
    p.add_argument("--lr", type=float, help="default 0.001; sgd: 0.01")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--tolerance", type=float, default=0.01, help="largest relative difference of the losses (default 0.01)")
    p.add_argument("--device", help="device of nephos (default: its first)")
    p.add_argument("--kernels", default="auto", help="kernels of nephos (default auto)")
    p.add_argument("--double", action="store_true", help="PyTorch once more, in double precision")
    p.add_argument("--json", metavar="FILE", help="write the losses of all steps there")
    args = p.parse_args(argv)
    args.lr = args.lr or {"adam": 0.001, "sgd": 0.01}[args.optimizer]
    if not os.access(args.nephos, os.X_OK):
        p.error("%s is no program; build nephos, or say where it is with --nephos" % args.nephos)
    return args


# --- the order of images, as src/base/rng.c and src/train/epoch.c make it -------------------------------------------------


def philox(counter, key):
    """Philox4x32-10 (Salmon et al., 2011)."""
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & WORD, (a >> 32) ^ c[3] ^ k[1], a & WORD]
        k = [(k[0] + 0x9E3779B9) & WORD, (k[1] + 0xBB67AE85) & WORD]
    return c


def words(seed, purpose, stream):
    block = 0
    while True:
        yield from philox((block & WORD, block >> 32, stream, purpose), (seed & WORD, seed >> 32))
        block += 1


def below(source, bound):
    reject = (1 << 32) % bound
    while True:
        product = next(source) * bound
        if product & WORD >= reject:
            return product >> 32


def shuffled(samples, seed, epoch):
    order, source = list(samples), words(seed, SHUFFLE, epoch)
    for i in range(len(order), 1, -1):
        j = below(source, i)
        order[j], order[i - 1] = order[i - 1], order[j]
    return order


# --- data ------------------------------------------------------------------------------------------------------------------


def epochs_of(args, images):
    """The fewest epochs of equal length that give the steps."""
    epochs = -(-args.steps * args.batch // images)
    while args.steps % epochs:
        epochs += 1
    return epochs


def prepare(args, folder):
    """Writes resized images and masks; returns the names that are meant for training, in the order that nephos has them."""
    from PIL import Image

    for part in ("images", "masks_bits"):
        os.makedirs(os.path.join(folder, part))
    with open(os.path.join(args.data, "classes.txt"), encoding="utf-8") as file:
        classes = file.read().split()
    with open(os.path.join(folder, "classes.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(classes) + "\n")
    splits, size = {}, (args.width, args.height)
    if os.path.exists(os.path.join(args.data, "split.csv")):
        with open(os.path.join(args.data, "split.csv"), newline="", encoding="utf-8") as file:
            splits = {os.path.splitext(row["image"])[0]: row["split"] for row in csv.DictReader(file)}
    names = sorted(os.path.splitext(name)[0] for name in os.listdir(os.path.join(args.data, "images")))
    train = [name for name in names if splits.get(name, "train") == "train"]
    if len(train) < args.batch + 1:
        sys.exit("%s: %d images for training; a batch of %d and one more are needed" % (args.data, len(train), args.batch))
    val = next((name for name in names if splits.get(name) == "val"), None) or train.pop()
    train = train[: args.batch * args.steps // epochs_of(args, len(train))]  # more would never be seen, or make steps too many
    with open(os.path.join(folder, "split.csv"), "w", encoding="utf-8") as file:
        file.write("image,split\n" + "".join("%s.png,%s\n" % (name, "val" if name == val else "train") for name in sorted(train + [val])))
    found = {os.path.splitext(name)[0]: name for name in os.listdir(os.path.join(args.data, "images"))}
    for name in train + [val]:
        image = Image.open(os.path.join(args.data, "images", found[name])).convert("RGB")
        image.resize(size, Image.Resampling.BILINEAR).save(os.path.join(folder, "images", name + ".png"))
        mask = Image.open(os.path.join(args.data, "masks_bits", name + ".png"))
        mask.resize(size, Image.Resampling.NEAREST).save(os.path.join(folder, "masks_bits", name + ".png"))
    return train, len(classes)


class Images:
    def __init__(self, folder, classes):
        self.folder, self.classes = folder, classes

    def batch(self, names):
        """x {N, 3, H, W} normalised, target {N, classes, H, W} of 0 and 1."""
        import numpy
        import torch
        from PIL import Image

        def read(part, name):
            return numpy.array(Image.open(os.path.join(self.folder, part, name + ".png")))

        x = torch.from_numpy(numpy.stack([read("images", name) for name in names])).permute(0, 3, 1, 2).float() / 255
        bits = torch.from_numpy(numpy.stack([read("masks_bits", name) for name in names])).int()
        target = torch.stack([(bits >> c) & 1 for c in range(self.classes)], 1).float()
        mean, std = torch.tensor(MEAN).view(3, 1, 1), torch.tensor(STD).view(3, 1, 1)
        return (x - mean) / std, target


# --- both sides ------------------------------------------------------------------------------------------------------------


def make_network(args, classes, path):
    import torch
    from resnet_unet import ResNetUnet
    from safetensors.torch import save_file

    torch.manual_seed(args.seed)
    width = args.encoder_width
    net = ResNetUnet(args.model, width, decoder=tuple(max(4, width * n // 64) for n in (256, 128, 64, 32, 16)), classes=classes)
    save_file({name: value.float().contiguous() for name, value in net.state_dict().items() if value.dim()}, path)
    return net


def train_nephos(args, data, init, out, images):
    epochs = epochs_of(args, images)
    command = [args.nephos, "train", "--data", data, "--out", out, "--init", init, "--encoder", args.model, "--encoder-width",
               str(args.encoder_width), "--height", str(args.height), "--width", str(args.width), "--batch", str(args.batch), "--epochs",
               str(epochs), "--patience", "0", "--lr", repr(args.lr), "--optimizer", args.optimizer, "--momentum", "0.9", "--loss", "bce+dice", "--flip", "none",
               "--examples", "0", "--seed", str(args.seed), "--kernels", args.kernels, "--storage", "fp32", "--log-every", "1"]
    command += ["--device", args.device] if args.device else []
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(out, "steps.csv"), newline="", encoding="utf-8") as file:
        return [float(row["loss"]) for row in csv.DictReader(file)][: args.steps]


def train_pytorch(args, net, images, names, kind):
    import torch
    from resnet_unet import bce_dice_loss

    net = copy.deepcopy(net).to(kind).to(memory_format=torch.channels_last).train()
    adam = args.optimizer == "adam"
    optimizer = torch.optim.Adam(net.parameters(), args.lr) if adam else torch.optim.SGD(net.parameters(), args.lr, 0.9)
    losses, epoch = [], 0
    while len(losses) < args.steps:
        order = shuffled(names, args.seed, epoch)
        for i in range(0, len(order) - args.batch + 1, args.batch):
            if len(losses) == args.steps:
                break
            x, target = images.batch(order[i : i + args.batch])
            optimizer.zero_grad(set_to_none=True)
            loss = bce_dice_loss(net(x.to(kind)), target.to(kind))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        epoch += 1
    return losses


def differences(losses, reference):
    return [abs(a - b) / abs(b) for a, b in zip(losses, reference)]


def show(args, courses, images):
    """A row every tenth step. Returns the largest difference of nephos there."""
    import torch

    reference = courses["PyTorch fp32"]
    names = list(courses)
    print("PyTorch %s, %s of width %d, %d x %d, batch %d, %d images, %s with lr %g" % (
        torch.__version__, args.model, args.encoder_width, args.height, args.width, args.batch, images, args.optimizer, args.lr))
    print("  step" + "".join("  %12s" % name for name in names))
    tenths = range(9, args.steps, 10)
    for i in [0, *tenths]:
        print("%6d" % (i + 1) + "".join("  %12.5f" % courses[name][i] for name in names))
    largest = {}
    for name in names:
        if name != "PyTorch fp32":
            apart = differences(courses[name], reference)
            largest[name] = max((apart[i] for i in tenths), default=0)
            print("%s against PyTorch fp32: at most %.4f %% at every tenth step, %.4f %% at any" % (name, 100 * largest[name], 100 * max(apart)))
    return largest["nephos"]


def main(argv):
    args = parse_args(argv)
    try:
        import torch
        import numpy, PIL, safetensors.torch  # noqa: E401, F401
    except ImportError as error:
        sys.exit("%s is not installed (Debian: python3-torch, python3-safetensors, python3-pil)" % error.name)
    with tempfile.TemporaryDirectory() as folder:
        data, init = os.path.join(folder, "data"), os.path.join(folder, "init.safetensors")
        names, classes = prepare(args, data)
        net, images = make_network(args, classes, init), Images(data, classes)
        courses = {"nephos": train_nephos(args, data, init, os.path.join(folder, "run"), len(names))}
        courses["PyTorch fp32"] = train_pytorch(args, net, images, names, torch.float32)
        if args.double:
            courses["PyTorch fp64"] = train_pytorch(args, net, images, names, torch.float64)
    largest = show(args, courses, len(names))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"losses": courses, "options": vars(args), "version": torch.__version__}, file, indent=1)
    sys.exit(0 if largest <= args.tolerance else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
