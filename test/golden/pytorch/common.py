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


# Without the regularity of a wave, which would make activations explode or vanish. As long as a prime, so that no two filters
# are alike.
_j = np.arange(65521, dtype=np.float64)
NOISE = np.sin(0.618034 * _j * _j + 1)


def key(name):
    """A number for a name, so that the order of the weights does not matter."""
    return sum((i + 1) * ord(c) for i, c in enumerate(name)) % 997


def formula(name, shape):
    k = key(name)
    if len(shape) == 4:
        amp = 2 / math.sqrt(math.prod(shape[1:]))
        return series(shape, lambda i: amp * NOISE[(i.astype(int) + 97 * k) % len(NOISE)])
    if name.endswith("running_mean"):
        return wave(shape, 1.3, 0.2 * k, 0.1)
    if name.endswith("running_var"):
        return wave(shape, 1.1, 0.4 * k, 0.3, 1)
    if name.endswith("weight"):
        return wave(shape, 0.9, 0.5 * k, 0.2, 1)
    return wave(shape, 1.7, 0.6 * k, 0.5, 3)


def fill(net, case):
    """What makes a step of training comparable to 1e-3. A value that rounding puts on the other side of a ReLU's kink
    changes the gradients of all layers before it, by per cents in a small network: biases around 3 keep all but one of some
    hundred values on one side of it. And a deep network magnifies rounding from block to block, unless what its residual
    blocks add is small: `calm`, an expression for the names of their last batch norms."""
    calm = case.get("calm")
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                new = formula(name, tuple(value.shape))
                value.copy_(0.05 * new if calm and re.search(calm, name) else new)
    return net


def images(inputs, h, w):
    """Three images of different contrast and brightness: batch norm after global pooling sees three values per channel, and
    were they nearly equal, it would magnify the rounding of float32 a hundredfold."""
    x = wave((IMAGES, inputs, h, w), 0.37, 0.1, 2)
    contrast, brightness = (torch.tensor(v).reshape(IMAGES, 1, 1, 1) for v in ([1.0, 0.25, 2.0], [0.0, 1.5, -1.0]))
    return (x * contrast + brightness).float().double()


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


def step(make, case, x, y, dtype):
    """Gradients of a step, by name, and the network after its forward pass in training mode."""
    net = fill(make(**case).double(), case).to(dtype).train()
    loss = task_loss(net, x.to(dtype), y, case)
    loss.backward()
    return net, loss, {k: p.grad.double() for k, p in net.named_parameters()}


def rounding(exact, others):
    """How far others are, at worst, as the tests measure it: relative to the gradient of a weight, and no finer than a
    hundredth of the largest, as gradients that are next to nothing (of a bias before a batch norm) are noise."""
    floor = 1e-2 * max(g.norm() for g in exact.values())
    far = lambda of, k: abs(of(exact[k]) - of(others[k])) / max(exact[k].norm(), floor)
    return max(max(far(torch.norm, k), far(lambda g: signed_sum(g.reshape(-1)), k)) for k in exact).item()


def training(make, case, x, y):
    net, loss, gradients = step(make, case, x, y, torch.float64)
    # A network that is comparable to 1e-3: PyTorch's own float32 is much nearer to the truth.
    lost = rounding(gradients, step(make, case, x, y, torch.float32)[2])
    print(case["model"], case["backbone"], case["width"], "float32 loses %.1e" % lost, flush=True)
    assert lost < 4e-4
    sgd = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9, weight_decay=1e-4)
    state = net.state_dict()
    running = {
        k.removesuffix(".running_mean"): summary(v) + summary(state[k.replace("running_mean", "running_var")])
        for k, v in state.items()
        if k.endswith("running_mean")
    }
    sgd.step()
    by_name = lambda table: [v for _, v in sorted(table.items())]
    return {
        "losses": [rounded(loss), rounded(task_loss(net, x, y, case))],
        "gradients": by_name({k: summary(g) for k, g in gradients.items()}),
        "running": by_name(running),
    }


def run(make, case):
    """Outputs in evaluation, and a step of training. `make` gets the entries of a case: model, backbone, classes, inputChannels,
    width, and style, stem, outputStride and auxHead where they are not as published; a network without dropout."""
    x, y = images(case["inputChannels"], *case["size"]), labels(*case["size"], case["classes"])
    net = fill(make(**case).double(), case).eval()
    with torch.no_grad():
        outputs = {name: digest(value) for name, value in net(x).items()}
    return {"case": case, "evaluation": outputs, "training": training(make, case, x, y)}


def save(script, results, suffix=""):
    """As JSON beside the script and of its name."""
    lines = [json.dumps(result, separators=(",", ":")) for result in results]
    text = '{"torch":"%s","cases":[\n%s\n]}\n' % (torch.__version__, ",\n".join(lines))
    path = pathlib.Path(script).with_suffix(".json")
    path = path.with_stem(path.stem + suffix)
    path.write_text(text)
    print(path.name, len(text), "bytes")


def write(script, make, cases, suffix=""):
    save(script, [run(make, case) for case in cases], suffix)
