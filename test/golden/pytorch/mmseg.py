"""Writes mmseg.json beside this file: numbers of networks of mmsegmentation in PyTorch, with weights from a formula.

    python test/golden/pytorch/mmseg.py        (torch 2.13, CPU; takes a minute)

Written from the description of the networks, for comparison with src/nn; the tests read the JSON and need no Python. The names
of the modules are those of the official ones.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from cirkd import CALM, Stages, unit
from common import scaled, write


class Module(nn.Module):
    """ConvModule of mmcv."""

    def __init__(self, ci, co, kernel, dilation=1, stride=1, groups=1, act=F.relu):
        super().__init__()
        self.conv, self.bn = unit(ci, co, kernel, dilation, stride, groups, act=None)
        self.act = act

    def forward(self, x):
        y = self.bn(self.conv(x))
        return self.act(y) if self.act else y


class Block(nn.Module):
    """A bottleneck where `expansion` is 4. In a basic block only the first convolution is dilated."""

    def __init__(self, ci, planes, stride, dilation, expansion):
        super().__init__()
        co = planes * expansion
        if expansion == 1:
            self.conv1, self.bn1 = unit(ci, planes, 3, dilation, stride, act=None)
            self.conv2, self.bn2 = unit(planes, co, 3, act=None)
        else:
            self.conv1, self.bn1 = unit(ci, planes, 1, act=None)
            self.conv2, self.bn2 = unit(planes, planes, 3, dilation, stride, act=None)
            self.conv3, self.bn3 = unit(planes, co, 1, act=None)
        self.convs = 2 if expansion == 1 else 3
        self.downsample = nn.Sequential(*unit(ci, co, 1, 1, stride, act=None)) if stride != 1 or ci != co else None

    def forward(self, x):
        y = x
        for i in range(1, self.convs + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.convs:
                y = F.relu(y)
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class ResNet(Stages):
    def __init__(self, backbone, inputs, width, stem, output_stride):
        super().__init__()
        s = lambda c: scaled(c, width)
        if stem != "7x7":
            a, b, c = (s(v) for v in ((64, 64, 128) if stem == "v1s" else (32, 32, 64)))
            self.stem = nn.Sequential(*unit(inputs, a, 3, 1, 2), *unit(a, b, 3), *unit(b, c, 3))
        else:
            self.conv1, self.bn1 = unit(inputs, s(64), 7, 1, 2, act=None)
        expansion = 1 if backbone == "resnet18" else 4
        block = lambda ci, planes, stride, dilation, _: Block(ci, planes, stride, dilation, expansion)
        self.add_stages(block, backbone, output_stride, s(128 if stem == "v1s" else 64), width)

    def enter(self, x):
        return self.stem(x) if hasattr(self, "stem") else F.relu(self.bn1(self.conv1(x)))


class Inverted(nn.Module):
    def __init__(self, ci, co, stride, dilation, expansion):
        super().__init__()
        hidden = ci * expansion
        expand = [Module(ci, hidden, 1, act=F.relu6)] if expansion > 1 else []
        depthwise = Module(hidden, hidden, 3, dilation, stride, hidden, F.relu6)
        self.conv = nn.Sequential(*expand, depthwise, Module(hidden, co, 1, act=None))
        self.residual = stride == 1 and ci == co

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    """strides=(1, 2, 2, 1, 1, 1, 1), dilations=(1, 1, 1, 2, 2, 4, 4): the first block of a stage is dilated."""

    LAYERS = (
        (1, 16, 1, 1, 1), (6, 24, 2, 2, 1), (6, 32, 3, 2, 1), (6, 64, 4, 1, 2),
        (6, 96, 3, 1, 2), (6, 160, 3, 1, 4), (6, 320, 1, 1, 4),
    )  # fmt: skip

    def __init__(self, inputs, width):
        super().__init__()
        ci = scaled(32, width)
        self.conv1 = Module(inputs, ci, 3, 1, 2, act=F.relu6)
        self.channels = []
        for i, (expansion, channels, count, stride, dilation) in enumerate(self.LAYERS):
            co = scaled(channels, width)
            blocks = []
            for b in range(count):
                blocks.append(Inverted(ci, co, stride if b == 0 else 1, dilation if b == 0 else 1, expansion))
                ci = co
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
            self.channels.append(co)
        self.channels = [self.channels[4], self.channels[6]]

    def forward(self, x):
        x = self.conv1(x)
        outs = []
        for i in range(7):
            x = getattr(self, f"layer{i + 1}")(x)
            outs.append(x)
        return outs[4], outs[6]


def spread(y, x):
    return F.interpolate(y, x.shape[2:], mode="bilinear", align_corners=False)


class Pool(nn.Sequential):
    def __init__(self, bins, ci, co):
        super().__init__(nn.AdaptiveAvgPool2d(bins), Module(ci, co, 1))


class Head(nn.Module):
    def forward(self, x):
        features = self.features(x)
        return self.conv_seg(features), features


class Fcn(Head):
    def __init__(self, ci, co, classes, convs, concat):
        super().__init__()
        self.convs = nn.Sequential(*(Module(ci if i == 0 else co, co, 3) for i in range(convs)))
        if concat:
            self.conv_cat = Module(ci + co, co, 3)
        self.conv_seg = nn.Conv2d(co, classes, 1)

    def features(self, x):
        y = self.convs(x)
        return self.conv_cat(torch.cat([x, y], 1)) if hasattr(self, "conv_cat") else y


class Psp(Head):
    def __init__(self, ci, co, classes):
        super().__init__()
        self.psp_modules = nn.ModuleList(Pool(bins, ci, co) for bins in (1, 2, 3, 6))
        self.bottleneck = Module(ci + 4 * co, co, 3)
        self.conv_seg = nn.Conv2d(co, classes, 1)

    def features(self, x):
        return self.bottleneck(torch.cat([x, *(spread(pool(x), x) for pool in self.psp_modules)], 1))


class Aspp(Head):
    def __init__(self, ci, co, classes):
        super().__init__()
        self.image_pool = Pool(1, ci, co)
        self.aspp_modules = nn.ModuleList(Module(ci, co, 3 if d > 1 else 1, d) for d in (1, 12, 24, 36))
        self.bottleneck = Module(5 * co, co, 3)
        self.conv_seg = nn.Conv2d(co, classes, 1)

    def features(self, x):
        return self.bottleneck(torch.cat([spread(self.image_pool(x), x), *(m(x) for m in self.aspp_modules)], 1))


class Net(nn.Module):
    def __init__(self, model, backbone, classes, inputChannels, width, stem="v1c", outputStride=8, auxHead=True, **_):
        super().__init__()
        co, aux = (scaled(c, width) for c in ((128, 64) if backbone == "resnet18" else (512, 256)))
        if backbone == "mobilenetv2":
            self.backbone = MobileNetV2(inputChannels, width)
        else:
            self.backbone = ResNet(backbone, inputChannels, width, stem, outputStride)
        c3, c4 = self.backbone.channels[-2:]
        if model == "deeplabv3":
            self.decode_head = Aspp(c4, co, classes)
        elif model == "pspnet":
            self.decode_head = Psp(c4, co, classes)
        else:
            self.decode_head = Fcn(c4, co, classes, 2, True)
        self.auxiliary_head = Fcn(c3, aux, classes, 1, False) if auxHead else None

    def forward(self, x):
        c3, c4 = self.backbone(x)
        logits, features = self.decode_head(c4)
        out = {"logits": logits, "features": features}
        if self.auxiliary_head:
            out["aux"] = self.auxiliary_head(c3)[0]
        return out


if __name__ == "__main__":
    small = {"style": "mmseg", "classes": 5, "inputChannels": 3, "width": 0.125, "size": [33, 41]}
    narrow = {**small, "width": 0.0625}
    cases = [
        {"model": "fcn", "backbone": "resnet18", **small},
        {"model": "deeplabv3", "backbone": "resnet18", **small, "stem": "7x7", "outputStride": 16},
        {"model": "pspnet", "backbone": "resnet18", **small, "stem": "v1s"},
        {"model": "pspnet", "backbone": "resnet50", **narrow, "auxHead": False},
        {"model": "deeplabv3", "backbone": "resnet101", **narrow},
        {"model": "fcn", "backbone": "mobilenetv2", **narrow},
    ]
    write(__file__, Net, [{**case, "calm": CALM[case["backbone"]]} for case in cases])
