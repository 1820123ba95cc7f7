"""Writes segmenter.json beside this file: numbers of the networks of CIRKD in PyTorch, with weights from a formula.

    python test/golden/pytorch/segmenter.py        (torch 2.13, CPU; takes seconds)

Written from the description of the networks, for comparison with src/nn; the tests read the JSON and need no Python.
Everything is computed in float64 after the weights and inputs have been rounded to float32, which is what ours holds.
"""

import json
import math
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F


def wave(shape, a, b, amp):
    n = math.prod(shape)
    values = [amp * math.sin(a * i + b) for i in range(n)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).float().double()


def scatter(shape, k, amp):
    """Without the regularity of a wave, which would make activations explode or vanish."""
    n = math.prod(shape)
    values = [amp * math.sin(0.618034 * i * i + 0.3 * k + 1) for i in range(n)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def scaled(channels, width):
    return max(4, 4 * math.floor(channels * width / 4 + 0.5))


def unit(ci, co, kernel, dilation=1, stride=1):
    pad = dilation * (kernel // 2)
    return [nn.Conv2d(ci, co, kernel, stride, pad, dilation, bias=False), nn.BatchNorm2d(co), nn.ReLU()]


class Block(nn.Module):
    def __init__(self, ci, co, stride, first, second):
        super().__init__()
        self.conv1, self.bn1, _ = unit(ci, co, 3, first, stride)
        self.conv2, self.bn2, _ = unit(co, co, 3, second)
        self.downsample = None
        if stride != 1 or ci != co:
            self.downsample = nn.Sequential(*unit(ci, co, 1, 1, stride)[:2])

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Backbone(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        s = lambda c: scaled(c, width)
        self.conv1, self.bn1, _ = unit(inputs, s(64), 3, 1, 2)
        self.conv2, self.bn2, _ = unit(s(64), s(64), 3)
        self.conv3, self.bn3, _ = unit(s(64), s(128), 3)
        self.layer1 = nn.Sequential(Block(s(128), s(64), 1, 1, 1), Block(s(64), s(64), 1, 1, 1))
        self.layer2 = nn.Sequential(Block(s(64), s(128), 2, 1, 1), Block(s(128), s(128), 1, 1, 1))
        self.layer3 = nn.Sequential(Block(s(128), s(256), 1, 1, 2), Block(s(256), s(256), 1, 2, 2))
        self.layer4 = nn.Sequential(Block(s(256), s(512), 1, 2, 4), Block(s(512), s(512), 1, 4, 4))

    def forward(self, x):
        for i in (1, 2, 3):
            x = F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
        x = F.max_pool2d(x, 3, 2, 1)
        c3 = self.layer3(self.layer2(self.layer1(x)))
        return c3, self.layer4(c3)


def spread(y, x):
    return F.interpolate(y, x.shape[2:], mode="bilinear", align_corners=True)


class Branch(nn.Module):
    def __init__(self, ci, co, rate):
        super().__init__()
        self.block = nn.Sequential(*unit(ci, co, 3, rate))

    def forward(self, x):
        return self.block(x)


class Pooling(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.gap = nn.Sequential(nn.AdaptiveAvgPool2d(1), *unit(ci, co, 1))

    def forward(self, x):
        return spread(self.gap(x), x)


class Pyramid(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.b0 = nn.Sequential(*unit(ci, co, 1))
        self.b1, self.b2, self.b3 = (Branch(ci, co, r) for r in (12, 24, 36))
        self.b4 = Pooling(ci, co)
        self.project = nn.Sequential(*unit(5 * co, co, 1))

    def forward(self, x):
        return self.project(torch.cat([b(x) for b in (self.b0, self.b1, self.b2, self.b3, self.b4)], 1))


class DeepLabHead(nn.Module):
    def __init__(self, ci, classes, width):
        super().__init__()
        co = scaled(128, width)
        self.aspp = Pyramid(ci, co)
        self.block = nn.Sequential(*unit(co, co, 3), nn.Identity(), nn.Conv2d(co, classes, 1))

    def forward(self, x):
        feat = self.block[:4](self.aspp(x))
        return self.block[4](feat), feat


class Bins(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.conv1, self.conv2, self.conv3, self.conv4 = (nn.Sequential(*unit(ci, co, 1)) for _ in range(4))

    def forward(self, x):
        convs = (self.conv1, self.conv2, self.conv3, self.conv4)
        pools = [spread(c(F.adaptive_avg_pool2d(x, b)), x) for c, b in zip(convs, (1, 2, 3, 6))]
        return torch.cat([x, *pools], 1)


class PspHead(nn.Module):
    def __init__(self, ci, classes, width):
        super().__init__()
        per_bin, co = scaled(128, width), scaled(128, width)
        self.psp = Bins(ci, per_bin)
        self.block = nn.Sequential(*unit(ci + 4 * per_bin, co, 3))
        self.classifier = nn.Conv2d(co, classes, 1)

    def forward(self, x):
        feat = self.block(self.psp(x))
        return self.classifier(feat), feat


class Aux(nn.Module):
    def __init__(self, ci, classes, width):
        super().__init__()
        co = scaled(64, width)
        self.block = nn.Sequential(*unit(ci, co, 3), nn.Identity(), nn.Conv2d(co, classes, 1))

    def forward(self, x):
        return self.block(x)


class Net(nn.Module):
    def __init__(self, model, classes, inputs, width):
        super().__init__()
        self.pretrained = Backbone(inputs, width)
        head = {"deeplabv3": DeepLabHead, "pspnet": PspHead}[model]
        self.head = head(scaled(512, width), classes, width)
        self.auxlayer = Aux(scaled(256, width), classes, width)

    def forward(self, x):
        c3, c4 = self.pretrained(x)
        logits, feat = self.head(c4)
        return logits, self.auxlayer(c3), feat


def fill(net):
    """Weights from the position in the file; the same formulas are in test/golden/formula-weights.ts."""
    state = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    for k, (name, value) in enumerate(state.items()):
        shape = tuple(value.shape)
        if len(shape) == 4:
            new = scatter(shape, k, 2 / math.sqrt(math.prod(shape[1:])))
        elif name.endswith("running_mean"):
            new = wave(shape, 1.3, 0.2 * k, 0.1)
        elif name.endswith("running_var"):
            new = 1 + wave(shape, 1.1, 0.4 * k, 0.3)
        elif name.endswith("weight"):
            new = 1 + wave(shape, 0.9, 0.5 * k, 0.2)
        else:
            new = wave(shape, 1.7, 0.6 * k, 0.1)
        value.copy_(new.float().double())


def images(inputs, h, w):
    """Three images of different contrast: batch norm after global pooling sees three values per channel, and were
    they nearly equal, it would magnify the rounding of float32 a hundredfold."""
    x = wave((3, inputs, h, w), 0.37, 0.1, 2)
    return (x * torch.tensor([1.0, 0.25, 2.0]).reshape(3, 1, 1, 1)).float().double()


def labels(n, h, w, classes):
    grid = [[[(7 * i + y // 5 + x // 7) % (classes + 1) - 1 for x in range(w)] for y in range(h)] for i in range(n)]
    return torch.tensor(grid)


def digest(t):
    """Enough of a tensor to tell it from any other: norm, a weighted sum, and every k-th of its values."""
    flat = t.detach().reshape(-1)
    step = max(1, flat.numel() // 60)
    weights = torch.cos(torch.arange(flat.numel(), dtype=torch.float64))
    return {
        "shape": list(t.shape),
        "norm": rounded(flat.norm()),
        "sum": rounded((flat * weights).sum()),
        "step": step,
        "values": [rounded(v) for v in flat[::step]],
    }


def rounded(v):
    return float(f"{v.item():.9g}")


def build(case):
    net = Net(case["model"], case["classes"], case["inputChannels"], case["width"]).double()
    with torch.no_grad():
        fill(net)
    h, w = case["size"]
    return net, images(case["inputChannels"], h, w), labels(3, h, w, case["classes"])


def task_loss(net, x, y):
    logits, aux, _ = net(x)
    ce = lambda z: F.cross_entropy(spread(z, y[:, None]), y, ignore_index=-1)
    return ce(logits) + 0.4 * ce(aux)


def rounding(case):
    """How far gradients move, relative, at worst, in float32 or under noise on the weights of its size: where that puts
    a single ReLU on the other side of its kink, all gradients before it move by far more than the rounding itself."""

    def gradients(dtype, seed):
        net, x, y = build(case)
        torch.manual_seed(seed)
        with torch.no_grad():
            for p in net.parameters():
                p.mul_(1 + (1e-7 * torch.randn_like(p) if seed else 0))
        net = net.to(dtype).train()
        task_loss(net, x.to(dtype), y).backward()
        return [p.grad.double() for p in net.parameters()]

    exact = gradients(torch.float64, 0)
    others = [gradients(torch.float32, 0), *(gradients(torch.float64, seed) for seed in range(1, 9))]
    return rounded(max((a - b).norm() / a.norm() for other in others for a, b in zip(exact, other)))


def run(case):
    net, x, y = build(case)

    net.eval()
    with torch.no_grad():
        outputs = dict(zip(("logits", "auxLogits", "features"), map(digest, net(x))))

    net.train()
    sgd = torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.9, weight_decay=1e-4)

    def step():
        loss = task_loss(net, x, y)
        sgd.zero_grad()
        loss.backward()
        return rounded(loss)

    losses = [step()]
    gradients = {
        k: {
            "norm": rounded(p.grad.norm()),
            "sum": rounded((p.grad.reshape(-1) * torch.cos(torch.arange(p.numel(), dtype=torch.float64))).sum()),
        }
        for k, p in net.named_parameters()
    }
    running = {
        k: {"norm": rounded(v.norm()), "first": rounded(v[0]), "last": rounded(v[-1])}
        for k, v in net.state_dict().items()
        if "running_" in k
    }
    for _ in range(2):
        sgd.step()
        losses.append(step())
    return {
        **case,
        "rounding": rounding(case),
        "evaluation": outputs,
        "losses": losses,
        "gradients": gradients,
        "running": running,
    }


def parameters(model, classes, inputs, width):
    return sum(p.numel() for p in Net(model, classes, inputs, width).parameters())


if __name__ == "__main__":
    assert parameters("deeplabv3", 19, 3, 1) == 13607974 and parameters("pspnet", 19, 3, 1) == 12919334
    cases = [
        {"model": "deeplabv3", "classes": 5, "inputChannels": 4, "width": 0.125, "size": [33, 41]},
        # Large enough for the branch at dilation 12 to see beyond its centre.
        {"model": "deeplabv3", "classes": 5, "inputChannels": 3, "width": 0.125, "size": [101, 117]},
        {"model": "pspnet", "classes": 6, "inputChannels": 3, "width": 0.125, "size": [33, 41]},
    ]
    out = {"torch": torch.__version__, "cases": [run(c) for c in cases]}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
