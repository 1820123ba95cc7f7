"""Writes stdc.json beside this file: numbers of STDC-Seg in PyTorch, with weights from a formula.

    python test/golden/pytorch/stdc.py        (torch 2.13, CPU; takes a minute)

Written from the description of the networks (STDC-Seg, nets/stdcnet.py and models/model_stages.py), for comparison with
src/nn; the tests read the JSON and need no Python. The names of the modules are those of the official ones.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import scaled, write

# The convolutions of a module add little to its first one.
CALM = {"calm": r"conv_list\.[123]\.bn\."}
BLOCKS = {"stdc1": (2, 2, 2), "stdc2": (4, 5, 3)}


class Unit(nn.Module):
    """ConvX of the backbone and ConvBNReLU of the heads."""

    def __init__(self, ci, co, kernel=3, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(ci, co, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(co)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class Concatenation(nn.Module):
    """The STDC module: four convolutions of falling width, side by side."""

    def __init__(self, ci, co, stride):
        super().__init__()
        half = co // 2
        self.conv_list = nn.ModuleList(
            [Unit(ci, half, 1), Unit(half, co // 4), Unit(co // 4, co // 8), Unit(co // 8, co // 8)]
        )
        if stride == 2:
            halved = nn.Conv2d(half, half, 3, 2, 1, groups=half, bias=False)
            self.avd_layer = nn.Sequential(halved, nn.BatchNorm2d(half))
            self.skip = nn.AvgPool2d(3, 2, 1)
        self.stride = stride

    def forward(self, x):
        parts = [self.conv_list[0](x)]
        y = parts[0]
        if self.stride == 2:
            y = self.avd_layer(y)
            parts = [self.skip(parts[0])]
        for conv in self.conv_list[1:]:
            y = conv(y)
            parts.append(y)
        return torch.cat(parts, 1)


class Features(nn.Module):
    def __init__(self, backbone, inputs, width):
        super().__init__()
        base = scaled(64, width)
        layers = [Unit(inputs, base // 2, 3, 2), Unit(base // 2, base, 3, 2)]
        channels = base
        self.ends = []
        for stage, blocks in enumerate(BLOCKS[backbone]):
            for b in range(blocks):
                layers.append(Concatenation(channels, base * 4 * 2**stage, 2 if b == 0 else 1))
                channels = base * 4 * 2**stage
            self.ends.append(len(layers))
        self.features = nn.Sequential(*layers)
        self.channels = [base // 2, base, base * 4, base * 8, base * 16]

    def forward(self, x):
        stages = []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i < 2 or i + 1 in self.ends:
                stages.append(x)
        return stages


class Classifier(nn.Module):
    """What the classification network has after the features; the segmenter keeps it without ever using it."""

    def __init__(self, channels):
        super().__init__()
        self.conv_last = Unit(channels, 1024, 1)
        self.fc = nn.Linear(1024, 1024, bias=False)
        self.bn = nn.BatchNorm1d(1024)
        self.linear = nn.Linear(1024, 1000, bias=False)


class Attention(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.conv = Unit(ci, co)
        self.conv_atten = nn.Conv2d(co, co, 1, bias=False)
        self.bn_atten = nn.BatchNorm2d(co)

    def forward(self, x):
        y = self.conv(x)
        return y * torch.sigmoid(self.bn_atten(self.conv_atten(y.mean((2, 3), keepdim=True))))


class Context(nn.Module):
    def __init__(self, backbone, inputs, width):
        super().__init__()
        self.backbone = Features(backbone, inputs, width)
        c = scaled(128, width)
        self.arm16 = Attention(self.backbone.channels[3], c)
        self.arm32 = Attention(self.backbone.channels[4], c)
        self.conv_head32 = Unit(c, c)
        self.conv_head16 = Unit(c, c)
        self.conv_avg = Unit(self.backbone.channels[4], c, 1)

    def forward(self, x):
        _, _, x8, x16, x32 = self.backbone(x)
        mean = self.conv_avg(x32.mean((2, 3), keepdim=True))
        y32 = self.arm32(x32) + F.interpolate(mean, x32.shape[2:], mode="nearest")
        y16 = self.conv_head32(F.interpolate(y32, x16.shape[2:], mode="nearest"))
        y8 = self.arm16(x16) + y16
        return x8, self.conv_head16(F.interpolate(y8, x8.shape[2:], mode="nearest")), y16


class Fusion(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.convblk = Unit(ci, co, 1)
        self.conv1 = nn.Conv2d(co, co // 4, 1, bias=False)
        self.conv2 = nn.Conv2d(co // 4, co, 1, bias=False)

    def forward(self, spatial, context):
        y = self.convblk(torch.cat([spatial, context], 1))
        return y + y * torch.sigmoid(self.conv2(F.relu(self.conv1(y.mean((2, 3), keepdim=True)))))


class Output(nn.Module):
    def __init__(self, ci, mid, classes):
        super().__init__()
        self.conv = Unit(ci, mid)
        self.conv_out = nn.Conv2d(mid, classes, 1, bias=False)

    def forward(self, x):
        return self.conv_out(self.conv(x))


class Net(nn.Module):
    """`aux8` is called conv_out16 in the source and `aux16` conv_out32: after where they come from."""

    def __init__(self, backbone, classes, inputChannels, width, **_):
        super().__init__()
        self.cp = Context(backbone, inputChannels, width)
        x8, c, fused, mid = self.cp.backbone.channels[2], scaled(128, width), scaled(256, width), scaled(64, width)
        self.ffm = Fusion(x8 + c, fused)
        self.conv_out = Output(fused, scaled(256, width), classes)
        self.conv_out16 = Output(c, mid, classes)
        self.conv_out32 = Output(c, mid, classes)
        self.conv_out_sp8 = Output(x8, mid, 1)

    def forward(self, x):
        x8, y8, y16 = self.cp(x)
        features = self.conv_out.conv(self.ffm(x8, y8))
        return {
            "logits": self.conv_out.conv_out(features),
            "features": features,
            "aux8": self.conv_out16(y8),
            "aux16": self.conv_out32(y16),
            "detail8": self.conv_out_sp8(x8),
        }


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def published(backbone):
    """The counts of the source: of the classification network, of the segmenter as it lies in a checkpoint, and of what
    inference needs, in millions."""
    net = Net(backbone, classes=19, inputChannels=3, width=1)
    classifier = parameters(Classifier(1024))
    unseen = sum(parameters(Output(channels, 64, 1)) for channels in (32, 64, 512))
    heads = sum(parameters(m) for m in (net.conv_out16, net.conv_out32, net.conv_out_sp8))
    counts = (parameters(net.cp.backbone) + classifier, parameters(net) + classifier + unseen, parameters(net) - heads)
    return parameters(net), [round(n / 1e6, 3) for n in counts]


if __name__ == "__main__":
    assert published("stdc1") == (8572896, [8.444, 12.049, 8.275])
    assert published("stdc2") == (12603360, [12.474, 16.079, 12.306])
    small = {"model": "stdc", "style": "official", "classes": 5, "inputChannels": 3, "width": 0.125, "size": [65, 81]}
    write(
        __file__,
        Net,
        [
            {**small, "backbone": "stdc1", "inputChannels": 4, **CALM},
            {**small, "backbone": "stdc2", "width": 0.0625, **CALM},
        ],
    )
