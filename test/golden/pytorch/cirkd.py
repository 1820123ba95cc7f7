"""Writes cirkd-resnet18.json and cirkd-others.json beside this file: numbers of the networks of CIRKD in PyTorch, with weights from a formula.

    python test/golden/pytorch/cirkd.py        (torch 2.13, CPU; takes a minute)

Written from the description of the networks, for comparison with src/nn; the tests read the JSON and need no Python. The names
of the modules are those of the official ones.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from common import scaled, write

RESNETS = {"resnet18": (2, 2, 2, 2), "resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3)}
# The last batch norms of residual blocks.
CALM = {
    "resnet18": r"layer\d\.\d+\.bn2\.",
    "resnet50": r"layer\d\.\d+\.bn3\.",
    "resnet101": r"layer\d\.\d+\.bn3\.",
    "mobilenetv2": r"conv\.7\.|conv\.2\.bn\.",
}
STAGES = {8: ((1, 2, 1, 1), (1, 1, 2, 4)), 16: ((1, 2, 2, 1), (1, 1, 1, 2)), 32: ((1, 2, 2, 2), (1, 1, 1, 1))}


def unit(ci, co, kernel, dilation=1, stride=1, groups=1, act=nn.ReLU):
    pad = dilation * (kernel // 2)
    conv = nn.Conv2d(ci, co, kernel, stride, pad, dilation, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(co), *([act()] if act else [])]


class Basic(nn.Module):
    def __init__(self, ci, planes, stride, first, second):
        super().__init__()
        self.conv1, self.bn1 = unit(ci, planes, 3, first, stride, act=None)
        self.conv2, self.bn2 = unit(planes, planes, 3, second, act=None)
        self.downsample = None
        if stride != 1 or ci != planes:
            self.downsample = nn.Sequential(*unit(ci, planes, 1, 1, stride, act=None))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    def __init__(self, ci, planes, stride, first, second):
        super().__init__()
        self.conv1, self.bn1 = unit(ci, planes, 1, act=None)
        self.conv2, self.bn2 = unit(planes, planes, 3, first, stride, act=None)
        self.conv3, self.bn3 = unit(planes, 4 * planes, 1, act=None)
        self.downsample = None
        if stride != 1 or ci != 4 * planes:
            self.downsample = nn.Sequential(*unit(ci, 4 * planes, 1, 1, stride, act=None))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Stages(nn.Module):
    """The four stages of a ResNet, after whatever stem, from blocks of either style."""

    def add_stages(self, block, backbone, output_stride, ci, width):
        expansion = 1 if backbone == "resnet18" else 4
        self.channels = []
        for i, (count, stride, dilation) in enumerate(zip(RESNETS[backbone], *STAGES[output_stride])):
            planes = scaled(64 << i, width)
            blocks = []
            for b in range(count):
                first = max(1, dilation // 2) if b == 0 else dilation
                blocks.append(block(ci, planes, stride if b == 0 else 1, first, dilation))
                ci = planes * expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
            self.channels.append(ci)

    def forward(self, x):
        c3 = self.layer3(self.layer2(self.layer1(F.max_pool2d(self.enter(x), 3, 2, 1))))
        return c3, self.layer4(c3)


class ResNet(Stages):
    def __init__(self, backbone, inputs, width, stem, output_stride):
        super().__init__()
        s = lambda c: scaled(c, width)
        self.deep = stem == "v1s"
        if self.deep:
            self.conv1, self.bn1 = unit(inputs, s(64), 3, 1, 2, act=None)
            self.conv2, self.bn2 = unit(s(64), s(64), 3, act=None)
            self.conv3, self.bn3 = unit(s(64), s(128), 3, act=None)
        else:
            self.conv1, self.bn1 = unit(inputs, s(64), 7, 1, 2, act=None)
        block = Basic if backbone == "resnet18" else Bottleneck
        self.add_stages(block, backbone, output_stride, s(128 if self.deep else 64), width)

    def enter(self, x):
        for i in (1, 2, 3) if self.deep else (1,):
            x = F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
        return x


class Inverted(nn.Module):
    def __init__(self, ci, co, stride, dilation, expansion):
        super().__init__()
        hidden = ci * expansion
        expand = unit(ci, hidden, 1, act=nn.ReLU6) if expansion > 1 else []
        depthwise = unit(hidden, hidden, 3, dilation, stride, hidden, nn.ReLU6)
        self.conv = nn.Sequential(*expand, *depthwise, *unit(hidden, co, 1, act=None))
        self.residual = stride == 1 and ci == co

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    """At output stride 8: stride and dilation of every block written out."""

    BLOCKS = (
        (16, 1, 1, 1),
        (24, 6, 2, 1), (24, 6, 1, 1),
        (32, 6, 2, 1), (32, 6, 1, 1), (32, 6, 1, 1),
        (64, 6, 1, 1), (64, 6, 1, 2), (64, 6, 1, 2), (64, 6, 1, 2),
        (96, 6, 1, 2), (96, 6, 1, 2), (96, 6, 1, 2),
        (160, 6, 1, 2), (160, 6, 1, 4), (160, 6, 1, 4),
        (320, 6, 1, 4),
    )  # fmt: skip

    def __init__(self, inputs, width):
        super().__init__()
        ci = scaled(32, width)
        features = [nn.Sequential(*unit(inputs, ci, 3, 1, 2, act=nn.ReLU6))]
        for channels, expansion, stride, dilation in self.BLOCKS:
            co = scaled(channels, width)
            features.append(Inverted(ci, co, stride, dilation, expansion))
            ci = co
        self.net = nn.Module()
        self.net.features = nn.Sequential(*features)
        self.channels = [ci]

    def forward(self, x):
        return None, self.net.features(x)


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
    def __init__(self, ci, co, classes):
        super().__init__()
        self.aspp = Pyramid(ci, co)
        self.block = nn.Sequential(*unit(co, co, 3), nn.Identity(), nn.Conv2d(co, classes, 1))

    def forward(self, x):
        features = self.block[:4](self.aspp(x))
        return self.block[4](features), features


class Bins(nn.Module):
    def __init__(self, ci, co):
        super().__init__()
        self.conv1, self.conv2, self.conv3, self.conv4 = (nn.Sequential(*unit(ci, co, 1)) for _ in range(4))

    def forward(self, x):
        convs = (self.conv1, self.conv2, self.conv3, self.conv4)
        pools = [spread(c(F.adaptive_avg_pool2d(x, b)), x) for c, b in zip(convs, (1, 2, 3, 6))]
        return torch.cat([x, *pools], 1)


class PspHead(nn.Module):
    def __init__(self, ci, per_bin, co, classes):
        super().__init__()
        self.psp = Bins(ci, per_bin)
        self.block = nn.Sequential(*unit(ci + 4 * per_bin, co, 3))
        self.classifier = nn.Conv2d(co, classes, 1)

    def forward(self, x):
        features = self.block(self.psp(x))
        return self.classifier(features), features


class FcnHead(nn.Module):
    def __init__(self, ci, co, classes):
        super().__init__()
        self.block = nn.Sequential(*unit(ci, co, 3), nn.Identity(), nn.Conv2d(co, classes, 1))

    def forward(self, x):
        features = self.block[:4](x)
        return self.block[4](features), features


# Channels of: DeepLabV3, a bin of PSPNet, PSPNet, FCN, the auxiliary head.
WIDTHS = {
    "resnet18": (128, 128, 128, 128, 64),
    "resnet50": (256, 512, 512, 512, 256),
    "resnet101": (256, 512, 512, 512, 256),
    "mobilenetv2": (128, 80, 128, 80, None),
}


class Net(nn.Module):
    def __init__(self, model, backbone, classes, inputChannels, width, stem="v1s", outputStride=8, **_):
        super().__init__()
        deeplab, per_bin, psp, fcn, aux = (c and scaled(c, width) for c in WIDTHS[backbone])
        if backbone == "mobilenetv2":
            self.pretrained = MobileNetV2(inputChannels, width)
        else:
            self.pretrained = ResNet(backbone, inputChannels, width, stem, outputStride)
        c = self.pretrained.channels
        if model == "deeplabv3":
            self.head = DeepLabHead(c[-1], deeplab, classes)
        elif model == "pspnet":
            self.head = PspHead(c[-1], per_bin, psp, classes)
        else:
            self.head = FcnHead(c[-1], fcn, classes)
        self.auxlayer = FcnHead(c[-2], aux, classes) if aux else None

    def forward(self, x):
        c3, c4 = self.pretrained(x)
        logits, features = self.head(c4)
        out = {"logits": logits, "features": features}
        if self.auxlayer:
            out["aux"] = self.auxlayer(c3)[0]
        return out


def parameters(model, backbone, classes=19, inputs=3):
    return sum(p.numel() for p in Net(model, backbone, classes, inputs, 1).parameters())


if __name__ == "__main__":
    assert parameters("deeplabv3", "resnet18") == 13607974 and parameters("pspnet", "resnet18") == 12919334
    assert parameters("deeplabv3", "resnet101") == 61118950 and parameters("deeplabv3", "mobilenetv2") == 3233171
    small = {"classes": 5, "inputChannels": 3, "width": 0.125, "size": [33, 41]}
    narrow = {**small, "width": 0.0625}
    resnet18 = [
        {"model": "deeplabv3", **small, "inputChannels": 4},
        # Large enough for the branch at dilation 12 to see beyond its centre.
        {"model": "deeplabv3", **small, "size": [101, 117]},
        {"model": "pspnet", **small, "classes": 6},
        {"model": "fcn", **small, "stem": "7x7", "outputStride": 16},
    ]
    others = [
        {"model": "deeplabv3", "backbone": "resnet50", **narrow},
        {"model": "pspnet", "backbone": "resnet101", **narrow, "outputStride": 32},
        {"model": "deeplabv3", "backbone": "mobilenetv2", **narrow},
        {"model": "pspnet", "backbone": "mobilenetv2", **small},
    ]
    write(__file__, Net, [{"backbone": "resnet18", **case, "calm": CALM["resnet18"]} for case in resnet18], "-resnet18")
    write(__file__, Net, [{**case, "calm": CALM[case["backbone"]]} for case in others], "-others")
