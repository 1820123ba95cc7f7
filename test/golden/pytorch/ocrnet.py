"""Writes ocrnet.json beside this file: numbers of OCRNet on HRNetV2 in PyTorch, with weights from a formula.

    python test/golden/pytorch/ocrnet.py        (torch 2.13, CPU; takes some minutes)

Written from the description of the networks (mmsegmentation, mmseg/models/backbones/hrnet.py and decode_heads/ocr_head.py),
for comparison with src/nn; the tests read the JSON and need no Python. The names of the modules are those of
mmsegmentation.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import scaled, write

# The last batch norms of residual blocks.
CALM = {"calm": r"(branches.*bn2|layer1.*bn3)\."}
# Blocks of the first stage and of each branch of the others; modules of stages 2 to 4; channels of the finest branch.
HRNETS = {
    "hrnetv2-w18-small": (2, 2, (1, 3, 2), 18),
    "hrnetv2-w18": (4, 4, (1, 4, 3), 18),
    "hrnetv2-w48": (4, 4, (1, 4, 3), 48),
}


def conv_bn(ci, co, kernel, stride=1, relu=False):
    conv = nn.Conv2d(ci, co, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(co), *([nn.ReLU()] if relu else []))


def shortcut(ci, co):
    return conv_bn(ci, co, 1) if ci != co else None


class Basic(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(channels, channels, 3)
        self.conv2, self.bn2 = conv_bn(channels, channels, 3)

    def forward(self, x):
        return F.relu(x + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class Bottleneck(nn.Module):
    def __init__(self, ci, planes):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(ci, planes, 1)
        self.conv2, self.bn2 = conv_bn(planes, planes, 3)
        self.conv3, self.bn3 = conv_bn(planes, 4 * planes, 1)
        self.downsample = shortcut(ci, 4 * planes)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


def spread(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=False)


class Module(nn.Module):
    def __init__(self, channels, blocks):
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*(Basic(c) for _ in range(blocks))) for c in channels)
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(self.path(channels, j, i) for j in range(len(channels))) for i in range(len(channels))
        )

    @staticmethod
    def path(channels, j, i):
        """From branch j to branch i."""
        if j == i:
            return None
        if j > i:
            return nn.Sequential(*conv_bn(channels[j], channels[i], 1), nn.Upsample(scale_factor=2 ** (j - i), mode="bilinear"))
        steps = [conv_bn(channels[j], channels[j], 3, 2, True) for _ in range(i - j - 1)]
        return nn.Sequential(*steps, conv_bn(channels[j], channels[i], 3, 2))

    def forward(self, xs):
        xs = [branch(x) for branch, x in zip(self.branches, xs)]
        fused = []
        for i, paths in enumerate(self.fuse_layers):
            y = 0
            for j, (path, x) in enumerate(zip(paths, xs)):
                if path is not None:
                    x = path(x)
                y = y + (spread(x, xs[i].shape[2:]) if j > i else x)
            fused.append(F.relu(y))
        return fused


def transition(before, after):
    """A branch that stays as it is has none; a new one is made of the coarsest, halved."""
    layers = []
    for i, co in enumerate(after):
        if i < len(before):
            layers.append(None if before[i] == co else conv_bn(before[i], co, 3, 1, True))
        else:
            layers.append(nn.Sequential(conv_bn(before[-1], co, 3, 2, True)))
    return nn.ModuleList(layers)


class Backbone(nn.Module):
    def __init__(self, backbone, inputs, width):
        super().__init__()
        first, blocks, modules, finest = HRNETS[backbone]
        stem = scaled(64, width)
        self.conv1, self.bn1 = conv_bn(inputs, stem, 3, 2)
        self.conv2, self.bn2 = conv_bn(stem, stem, 3, 2)
        self.layer1 = nn.Sequential(*(Bottleneck(stem if b == 0 else 4 * stem, stem) for b in range(first)))
        before = [4 * stem]
        for stage, count in enumerate(modules):
            after = [scaled(finest * 2**i, width) for i in range(stage + 2)]
            setattr(self, f"transition{stage + 1}", transition(before, after))
            setattr(self, f"stage{stage + 2}", nn.Sequential(*(Module(after, blocks) for _ in range(count))))
            before = after
        self.channels = before

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        xs = [self.layer1(x)]
        for stage in (1, 2, 3):
            layers = getattr(self, f"transition{stage}")
            inputs = []
            for i, layer in enumerate(layers):
                source = xs[i] if i < len(xs) else xs[-1]
                inputs.append(source if layer is None else layer(source))
            xs = getattr(self, f"stage{stage + 1}")(inputs)
        return xs


class Unit(nn.Module):
    """mmcv's ConvModule."""

    def __init__(self, ci, co, kernel=1):
        super().__init__()
        self.conv, self.bn = conv_bn(ci, co, kernel)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class FcnHead(nn.Module):
    def __init__(self, ci, classes):
        super().__init__()
        self.conv_seg = nn.Conv2d(ci, classes, 1)
        self.convs = nn.Sequential(Unit(ci, ci))

    def forward(self, x):
        return self.conv_seg(self.convs(x))


class ObjectAttention(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.key_project = nn.Sequential(Unit(ci, co), Unit(co, co))
        self.query_project = nn.Sequential(Unit(ci, co), Unit(co, co))
        self.value_project = Unit(ci, co)
        self.out_project = Unit(co, ci)
        self.bottleneck = Unit(2 * ci, ci)

    def forward(self, pixels, objects):
        query = self.query_project(pixels).flatten(2).transpose(1, 2)
        key = self.key_project(objects).flatten(2)
        value = self.value_project(objects).flatten(2).transpose(1, 2)
        similarity = torch.softmax(query @ key * query.shape[2] ** -0.5, 2)
        context = (similarity @ value).transpose(1, 2).unflatten(2, pixels.shape[2:])
        return self.bottleneck(torch.cat([self.out_project(context), pixels], 1))


class OcrHead(nn.Module):
    def __init__(self, ci, co, attention, classes):
        super().__init__()
        self.conv_seg = nn.Conv2d(co, classes, 1)
        self.object_context_block = ObjectAttention(co, attention)
        self.bottleneck = Unit(ci, co, 3)

    def forward(self, x, coarse):
        pixels = self.bottleneck(x)
        regions = torch.softmax(coarse.flatten(2), 2)
        objects = (regions @ pixels.flatten(2).transpose(1, 2)).transpose(1, 2).unsqueeze(3)
        features = self.object_context_block(pixels, objects)
        return self.conv_seg(features), features


class Net(nn.Module):
    def __init__(self, backbone, classes, inputChannels, width, **_):
        super().__init__()
        self.backbone = Backbone(backbone, inputChannels, width)
        ci = sum(self.backbone.channels)
        ocr = OcrHead(ci, scaled(512, width), scaled(256, width), classes)
        self.decode_head = nn.ModuleList([FcnHead(ci, classes), ocr])

    def forward(self, x):
        xs = self.backbone(x)
        x = torch.cat([xs[0], *(spread(y, xs[0].shape[2:]) for y in xs[1:])], 1)
        coarse = self.decode_head[0](x)
        logits, features = self.decode_head[1](x, coarse)
        return {"logits": logits, "features": features, "coarse": coarse}


def parameters(backbone):
    return sum(p.numel() for p in Net(backbone, classes=19, inputChannels=3, width=1).parameters())


if __name__ == "__main__":
    assert [parameters(b) for b in HRNETS] == [6378496, 12080036, 70371446]
    small = {"model": "ocrnet", "style": "mmseg", "classes": 5, "inputChannels": 3, "width": 0.125, "size": [49, 65]}
    write(
        __file__,
        Net,
        [
            {**small, "backbone": "hrnetv2-w18-small", "inputChannels": 4, **CALM},
            {**small, "backbone": "hrnetv2-w18", **CALM},
            {**small, "backbone": "hrnetv2-w48", "width": 0.0625, **CALM},
        ],
    )
