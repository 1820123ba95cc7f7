"""What the scripts beside this file share: weights and images from formulas, and the numbers that the tests compare.

A script builds its networks as modules with the official names, whose forward pass gives a dict: `logits`, `features` and the
auxiliary outputs by the names they have in src/nn; `detail...` are not logits of classes. The same formulas are in
test/golden/network-parity.ts. Everything is computed in float64 after weights and images have been rounded to float32,
which is what ours holds.
"""

import json
import math
import pathlib
import re

import numpy as np
import torch
import torch.nn.functional as F

IMAGES = 3
LR = 0.002


def scaled(channels, width):
    """A channel count at a width, as scaledChannels in src/nn/graph.ts."""
    return channels if width == 1 else max(4, 4 * math.floor(channels * width / 4 + 0.5))


def series(shape, of):
    i = np.arange(math.prod(shape), dtype=np.float64)
    return torch.from_numpy(of(i)).reshape(shape).float().double()


def wave(shape, a, b, amp, offset=0):
    return series(shape, lambda i: offset + amp * np.sin(a * i + b))


def key(name):
    """A number for a name, so that the order of the weights does not matter."""
    return sum((i + 1) * ord(c) for i, c in enumerate(name)) % 997


def formula(name, shape):
    k = key(name)
    if len(shape) == 4:
        # Without the regularity of a wave, which would make activations explode or vanish.
        amp = 2 / math.sqrt(math.prod(shape[1:]))
        return series(shape, lambda i: amp * np.sin(0.618034 * i * i + 0.3 * k + 1))
    if name.endswith("running_mean"):
        return wave(shape, 1.3, 0.2 * k, 0.1)
    if name.endswith("running_var"):
        return wave(shape, 1.1, 0.4 * k, 0.3, 1)
    if name.endswith("weight"):
        return wave(shape, 0.9, 0.5 * k, 0.2, 1)
    return wave(shape, 1.7, 0.6 * k, 0.1)


def fill(net, case):
    """`calm`, an expression for names: these weights are small. In the last batch norm of residual blocks it makes a deep
    network well-conditioned; else the rounding of one engine moves the gradients of its first layers by per cents."""
    calm = case.get("calm")
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                new = formula(name, tuple(value.shape))
                value.copy_(0.05 * new if calm and re.search(calm, name) else new)
    return net


def images(inputs, h, w):
    """Three images of different contrast: batch norm after global pooling sees three values per channel, and were
    they nearly equal, it would magnify the rounding of float32 a hundredfold."""
    x = wave((IMAGES, inputs, h, w), 0.37, 0.1, 2)
    return (x * torch.tensor([1.0, 0.25, 2.0]).reshape(IMAGES, 1, 1, 1)).float().double()


def labels(h, w, classes):
    n, y, x = np.ogrid[:IMAGES, :h, :w]
    return torch.from_numpy((7 * n + y // 5 + x // 7) % (classes + 1) - 1)


def resize(x, size, case):
    return F.interpolate(x, size, mode="bilinear", align_corners=case.get("style", "cirkd") != "mmseg")


def rounded(v):
    return float(f"{v.item():.6g}")


def signed_sum(flat):
    """Tells apart what a norm does not: order and signs."""
    return (flat * torch.cos(torch.arange(flat.numel(), dtype=torch.float64))).sum()


def summary(t):
    flat = t.detach().reshape(-1)
    return [rounded(flat.norm()), rounded(signed_sum(flat))]


def digest(t):
    """Enough of a tensor to tell it from any other: norm, a weighted sum, and every k-th of its values."""
    flat = t.detach().reshape(-1)
    step = max(1, flat.numel() // 40)
    return {
        "shape": list(t.shape),
        "summary": summary(t),
        "step": step,
        "values": [rounded(v) for v in flat[::step]],
    }


def task_loss(net, x, y, case):
    """Every output gets a gradient; weights are not the published ones, which the trainer knows."""
    out = net(x)
    ce = lambda z: F.cross_entropy(resize(z, y.shape[1:], case), y, ignore_index=-1)
    total = ce(out["logits"])
    for name, value in out.items():
        if name not in ("logits", "features"):
            total = total + 0.4 * ((value * value).mean() if name.startswith("detail") else ce(value))
    return total


def noise_of_rounding(make, case, x, y):
    """How far gradients move, relative, at worst, in float32 or under noise on the weights of the size that rounding has
    after some sums: where that puts a single ReLU on the other side of its kink, all gradients before it move by more."""

    def gradients(dtype, seed):
        net = fill(make(**case).double(), case)
        torch.manual_seed(seed)
        with torch.no_grad():
            for p in net.parameters():
                p.mul_(1 + (1e-6 * torch.randn_like(p) if seed else 0))
        net = net.to(dtype).train()
        task_loss(net, x.to(dtype), y, case).backward()
        return [p.grad.double() for p in net.parameters()]

    exact = gradients(torch.float64, 0)
    others = [gradients(torch.float32, 0), *(gradients(torch.float64, seed) for seed in range(1, 5))]
    # Gradients that are next to nothing (of a bias before a batch norm) are noise.
    floor = 1e-3 * max(g.norm() for g in exact)
    return rounded(max((a - b).norm() / max(a.norm(), floor) for o in others for a, b in zip(exact, o)))


def training(make, case, x, y):
    net = fill(make(**case).double(), case).train()
    sgd = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9, weight_decay=1e-4)
    loss = task_loss(net, x, y, case)
    loss.backward()
    gradients = {k: summary(p.grad) for k, p in net.named_parameters()}
    state = net.state_dict()
    running = {
        k.removesuffix(".running_mean"): summary(v) + summary(state[k.replace("running_mean", "running_var")])
        for k, v in state.items()
        if k.endswith("running_mean")
    }
    sgd.step()
    return {
        "rounding": noise_of_rounding(make, case, x, y),
        "losses": [rounded(loss), rounded(task_loss(net, x, y, case))],
        "gradients": gradients,
        "running": running,
    }


def run(make, case):
    x, y = images(case["inputChannels"], *case["size"]), labels(*case["size"], case["classes"])
    net = fill(make(**case).double(), case).eval()
    with torch.no_grad():
        outputs = {name: digest(value) for name, value in net(x).items()}
    result = {"case": case, "evaluation": outputs}
    if case.get("training", True):
        result["training"] = training(make, case, x, y)
    return result


def write(script, make, cases, suffix=""):
    """The numbers of all cases, as JSON beside the script and of its name. `make` gets the entries of a case: model, backbone, classes,
    inputChannels, width, and style, stem and outputStride where they are not as published; a network without dropout."""
    results = [json.dumps(run(make, case), separators=(",", ":")) for case in cases]
    text = '{"torch":"%s","cases":[\n%s\n]}\n' % (torch.__version__, ",\n".join(results))
    path = pathlib.Path(script).with_suffix(".json")
    path = path.with_stem(path.stem + suffix)
    path.write_text(text)
    print(path.name, len(text), "bytes")
