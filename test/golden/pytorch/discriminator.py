"""Writes discriminator.json beside this file: SKD's discriminator in PyTorch, its scores, gradients and steps of Adam.

    python test/golden/pytorch/discriminator.py        (torch 2.13, CPU; takes seconds)

Written from the description of the network (Liu et al. 2019; CIRKD): batch norm over the logits, four 4x4 convolutions of
stride 2 with spectral norm and leaky ReLU, self-attention after the third and the fourth, one convolution to a score. Here
an eighth as wide, with a last convolution of 1x1 on maps of 20x32, and with weights from a formula.
"""

import json
import math
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F

from losses import digest, hinge_discriminator, rounded, wave

CHANNELS = 8
CLASSES = 5
SIZE = (2, CLASSES, 20, 32)


def unit(v):
    return v / (v.norm() + 1e-12)


class SpectralConv(nn.Conv2d):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 4, 2, 1)
        self.register_buffer("u", unit(wave((outputs,), 0.7, 0.3, 1)))

    def forward(self, x):
        w = self.weight.flatten(1)
        with torch.no_grad():
            v = unit(w.T @ self.u)
            self.u = unit(w @ v)
        return F.conv2d(x, self.weight / (self.u @ (w @ v)), self.bias, 2, 1)


class Attention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.query, self.key = (nn.Conv2d(channels, channels // 8, 1) for _ in range(2))
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        q, k, v = (conv(x).flatten(2) for conv in (self.query, self.key, self.value))
        attention = (q.transpose(1, 2) @ k).softmax(-1)
        return self.gamma * (v @ attention.transpose(1, 2)).reshape(x.shape) + x


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(CLASSES)
        inputs = CLASSES
        for i in range(1, 5):
            outputs = CHANNELS * 2 ** (i - 1)
            setattr(self, f"block{i}", SpectralConv(inputs, outputs))
            if i > 2:
                setattr(self, f"attention{i}", Attention(outputs))
            inputs = outputs
        self.last = nn.Conv2d(inputs, 1, 1)

    def forward(self, x):
        x = self.norm(x)
        for i in range(1, 5):
            x = F.leaky_relu(getattr(self, f"block{i}")(x), 0.1)
            if i > 2:
                x = getattr(self, f"attention{i}")(x)
        return self.last(x)


def fill(net):
    """The same in discriminator-cases.ts: by the position of a weight among all, in its PyTorch layout."""
    for k, (name, p) in enumerate(net.named_parameters()):
        amp = 2 / math.sqrt(math.prod(p.shape[1:]))
        offset = 1 if name == "norm.weight" else 0
        # Without the regularity of a wave, which would leave hardly a gradient.
        values = [offset + amp * math.sin(0.618034 * i * i + 0.3 * k + 1) for i in range(p.numel())]
        p.data = torch.tensor(values, dtype=torch.float64).reshape(p.shape).float().double()
    return net


if __name__ == "__main__":
    net = fill(Discriminator().double()).train()
    student, teacher = wave(SIZE, 0.37, 0.1, 2).requires_grad_(), wave(SIZE, 0.23, 0.4, 3, math.cos)
    scores = net(student)
    (gradient,) = torch.autograd.grad(-scores.mean(), student)
    adam = torch.optim.Adam(net.parameters(), lr=4e-4, betas=(0.9, 0.99))
    losses = []
    gradients = {}
    for step in range(3):
        adam.zero_grad()
        loss = 0.1 * hinge_discriminator(net(student.detach()), net(teacher))
        loss.backward()
        losses.append(rounded(loss))
        if step == 0:
            gradients = {name: rounded(p.grad.norm()) for name, p in net.named_parameters()}
        adam.step()
    text = json.dumps(
        {
            "torch": torch.__version__,
            "names": [name for name, _ in net.named_parameters()],
            "scores": digest(scores),
            "gradient": digest(gradient),
            "losses": losses,
            "gradients": gradients,
            "weights": {name: rounded(p.detach().norm()) for name, p in net.named_parameters()},
        },
        separators=(",", ":"),
    )
    pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
    print(scores.shape, losses)
