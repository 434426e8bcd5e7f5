"""Write golden values of the losses in docs/losses.md.

usage: make_losses.py [output folder, default: this one]

The formulas are those of segmentation_models.pytorch's losses and of PyTorch's cross entropies, in float64, with gradients by
autograd. Where segmentation_models.pytorch knows one class only (MCC) its formula is taken of each class, and the mean; so is the Lovasz hinge.
Arrays are NHWC; `index` holds a class per pixel, 255 where there is none.
"""
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

SHAPE = (2, 6, 8, 3)
IGNORED = 255


def operands():
    torch.manual_seed(11)
    z = torch.randn(SHAPE, dtype=torch.float32) * 2
    bits = (torch.rand(SHAPE) < 0.3).float()
    bits[1, :, :, 2] = 0  # one image lacks a class
    index = torch.randint(0, SHAPE[3], SHAPE[:3])
    index[1][index[1] == 2] = 0
    index[:, :2, :2] = IGNORED
    return z, bits, index


def flat(z, target):
    """Probabilities and targets (pixels, C), and the same with the images apart (N, pixels, C); unlabelled pixels are left out."""
    classes = z.shape[-1]
    if target.dim() == 4:
        p, t, keep = torch.sigmoid(z), target, torch.ones(z.shape[:3], dtype=torch.bool)
    else:
        keep = target != IGNORED
        p, t = torch.softmax(z, -1), F.one_hot(torch.where(keep, target, 0), classes).to(z)
    return p[keep], t[keep], [(p[i][keep[i]], t[i][keep[i]]) for i in range(len(z))]


def present_mean(score, t):
    """1 - score where the class is there at all, else 0; mean over the classes."""
    return ((1 - score) * (t.sum(0) > 0)).mean()


def dice(p, t):
    return 2 * (p * t).sum(0) / (p + t).sum(0).clamp_min(1e-7)


def dice_loss(z, target):
    p, t, _ = flat(z, target)
    return present_mean(dice(p, t), t)


def dice_positive_loss(z, target):
    losses = []
    for p, t in flat(z, target)[2]:
        losses += [1 - dice(p[:, c], t[:, c]) for c in range(t.shape[1]) if t[:, c].sum() > 0]
    return torch.stack(losses).mean()


def jaccard_loss(z, target):
    p, t, _ = flat(z, target)
    both = (p * t).sum(0)
    return present_mean(both / ((p + t).sum(0) - both).clamp_min(1e-7), t)


def tversky_loss(z, target, alpha=0.5, beta=0.5, gamma=1.0):
    p, t, _ = flat(z, target)
    tp, fp, fn = (p * t).sum(0), (p * (1 - t)).sum(0), ((1 - p) * t).sum(0)
    return present_mean(tp / (tp + alpha * fp + beta * fn).clamp_min(1e-7), t) ** gamma


def mcc_loss(z, target, eps=1e-5):
    p, t, _ = flat(z, target)
    tp, tn = (p * t).sum(0) + eps, ((1 - p) * (1 - t)).sum(0) + eps
    fp, fn = (p * (1 - t)).sum(0) + eps, ((1 - p) * t).sum(0) + eps
    score = (tp * tn - fp * fn) / torch.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return (1 - score).mean()


def binary_focal(z, t, alpha, gamma):
    log_pt = F.binary_cross_entropy_with_logits(z, t, reduction="none")
    loss = (1 - torch.exp(-log_pt)) ** gamma * log_pt
    return (loss if alpha is None else loss * (alpha * t + (1 - alpha) * (1 - t))).mean()


def focal_loss(z, target, alpha=0.25, gamma=2.0):
    if target.dim() == 4:
        return binary_focal(z, target, alpha, gamma)
    keep = target != IGNORED
    return sum(binary_focal(z[..., c][keep], (target[keep] == c).to(z), alpha, gamma) for c in range(z.shape[-1]))


def lovasz_class(errors, t):
    errors, order = torch.sort(errors, descending=True)
    t = t[order]
    jaccard = 1 - (t.sum() - t.cumsum(0)) / (t.sum() + (1 - t).cumsum(0))
    return torch.dot(F.relu(errors), torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]]))


def lovasz_loss(z, target):
    p, t, _ = flat(z, target)
    if target.dim() == 4:
        logits = z.reshape(-1, z.shape[-1])
        return torch.stack([lovasz_class(1 - logits[:, c] * (2 * t[:, c] - 1), t[:, c]) for c in range(t.shape[1])]).mean()
    return torch.stack([lovasz_class((t - p)[:, c].abs(), t[:, c]) for c in range(t.shape[1]) if t[:, c].sum() > 0]).mean()


def bce_loss(z, t, smoothing=0.0, pos=None, weight=None):
    soft = (1 - t) * smoothing + t * (1 - smoothing)
    return F.binary_cross_entropy_with_logits(z, soft, weight=weight, pos_weight=pos)


def ce_loss(z, index, smoothing=0.0, weight=None):
    return F.cross_entropy(z.permute(0, 3, 1, 2), index, weight=weight, ignore_index=IGNORED, label_smoothing=smoothing)


def cases(bits, index):
    """Name -> function of the logits. Names and settings are those of tests/net/golden_losses.c."""
    list_of = lambda *v: torch.tensor(v, dtype=torch.float64)
    found = {
        "bce": lambda z: bce_loss(z, bits),
        "bce.weights": lambda z: bce_loss(z, bits, 0, list_of(0.5, 2, 4), list_of(1, 3, 0.25)),
        "bce.smoothing": lambda z: bce_loss(z, bits, 0.1),
        "ce": lambda z: ce_loss(z, index),
        "ce.weights": lambda z: ce_loss(z, index, 0, list_of(1, 3, 0.25)),
        "ce.smoothing": lambda z: ce_loss(z, index, 0.1, list_of(1, 3, 0.25)),
        "sum": lambda z: 0.75 * bce_loss(z, bits) + 0.25 * dice_loss(z, bits) + 2 * jaccard_loss(z, bits) + focal_loss(z, bits),
    }
    for mode, target in ("multilabel", bits), ("multiclass", index):
        terms = {
            "dice": lambda z, t: dice_loss(z, t),
            "dice-positive": lambda z, t: dice_positive_loss(z, t),
            "jaccard": lambda z, t: jaccard_loss(z, t),
            "tversky": lambda z, t: tversky_loss(z, t, 0.3, 0.7),
            "focal-tversky": lambda z, t: tversky_loss(z, t, 0.3, 0.7, 0.75),
            "mcc": lambda z, t: mcc_loss(z, t),
            "focal": lambda z, t: focal_loss(z, t),
            "lovasz": lambda z, t: lovasz_loss(z, t),
            "focal.plain": lambda z, t: focal_loss(z, t, None, 1.5),
        }
        for name, term in terms.items():
            found[f"{name}.{mode}"] = lambda z, term=term, target=target: term(z, target)
    return found


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    z, bits, index = operands()
    tensors = {"z": z, "bits": bits, "index": index.float().unsqueeze(-1)}
    for name, function in cases(bits.double(), index).items():
        logits = z.double().requires_grad_()
        loss = function(logits)
        loss.backward()
        tensors[f"{name}.loss"], tensors[f"{name}.grad"] = loss.detach().float().reshape(1), logits.grad.float().contiguous()
    save_file(tensors, folder / "losses.safetensors")


main()
