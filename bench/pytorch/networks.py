"""DeepLabV3 on the dilated, deep-stem ResNets of CIRKD ("v1s", output stride 8), with its auxiliary head.

Written from the description of the networks (CIRKD, models/deeplabv3.py and models/base_models/resnet.py). The names of the
weights are CIRKD's, so the files that Distillation Studio writes load as they are.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F


def conv_bn(inputs, outputs, kernel, stride=1, dilation=1):
    padding = dilation * (kernel // 2)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False), nn.BatchNorm2d(outputs)


def conv_bn_relu(inputs, outputs, kernel, dilation=1):
    return *conv_bn(inputs, outputs, kernel, 1, dilation), nn.ReLU(inplace=True)


def resize(x, size):
    return F.interpolate(x, size, mode="bilinear", align_corners=True)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, planes, stride, first_dilation, dilation):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(inputs, planes, 3, stride, first_dilation)
        self.conv2, self.bn2 = conv_bn(planes, planes, 3, 1, dilation)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inputs, planes, stride)

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += identity
        return self.relu(y)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, planes, stride, first_dilation, dilation):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(inputs, planes, 1)
        # The first block of a dilated stage works at the dilation of the stage before, as in BasicBlock.
        self.conv2, self.bn2 = conv_bn(planes, planes, 3, stride, first_dilation)
        self.conv3, self.bn3 = conv_bn(planes, 4 * planes, 1)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = shortcut(inputs, 4 * planes, stride)

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += identity
        return self.relu(y)


def shortcut(inputs, outputs, stride):
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(*conv_bn(inputs, outputs, 1, stride))


class Backbone(nn.Module):
    def __init__(self, block, depths, inputs):
        super().__init__()
        self.conv1, self.bn1 = conv_bn(inputs, 64, 3, 2)
        self.conv2, self.bn2 = conv_bn(64, 64, 3)
        self.conv3, self.bn3 = conv_bn(64, 128, 3)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.channels = 128
        self.layer1 = self.stage(block, depths[0], 64, stride=1, dilation=1)
        self.layer2 = self.stage(block, depths[1], 128, stride=2, dilation=1)
        self.layer3 = self.stage(block, depths[2], 256, stride=1, dilation=2)
        self.layer4 = self.stage(block, depths[3], 512, stride=1, dilation=4)

    def stage(self, block, depth, planes, stride, dilation):
        blocks = []
        for i in range(depth):
            first = max(1, dilation // 2) if i == 0 else dilation
            blocks.append(block(self.channels, planes, stride if i == 0 else 1, first, dilation))
            self.channels = planes * block.expansion
        return nn.Sequential(*blocks)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        x = self.relu(self.bn3(self.conv3(x)))
        c3 = self.layer3(self.layer2(self.layer1(self.maxpool(x))))
        return c3, self.layer4(c3)


class Branch(nn.Module):
    def __init__(self, inputs, outputs, dilation):
        super().__init__()
        self.block = nn.Sequential(*conv_bn_relu(inputs, outputs, 3, dilation))

    def forward(self, x):
        return self.block(x)


class ImagePooling(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.gap = nn.Sequential(nn.AdaptiveAvgPool2d(1), *conv_bn_relu(inputs, outputs, 1))

    def forward(self, x):
        return resize(self.gap(x), x.shape[2:])


class Pyramid(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.b0 = nn.Sequential(*conv_bn_relu(inputs, outputs, 1))
        self.b1 = Branch(inputs, outputs, 12)
        self.b2 = Branch(inputs, outputs, 24)
        self.b3 = Branch(inputs, outputs, 36)
        self.b4 = ImagePooling(inputs, outputs)
        self.project = nn.Sequential(*conv_bn_relu(5 * outputs, outputs, 1), nn.Dropout(0.5))

    def forward(self, x):
        branches = (self.b0, self.b1, self.b2, self.b3, self.b4)
        return self.project(torch.cat([branch(x) for branch in branches], 1))


class Head(nn.Module):
    def __init__(self, inputs, width, classes):
        super().__init__()
        self.aspp = Pyramid(inputs, width)
        self.block = nn.Sequential(
            *conv_bn_relu(width, width, 3), nn.Dropout(0.1), nn.Conv2d(width, classes, 1)
        )

    def forward(self, x):
        return self.block(self.aspp(x))


class AuxiliaryHead(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        width = inputs // 4
        self.block = nn.Sequential(
            *conv_bn_relu(inputs, width, 3), nn.Dropout(0.1), nn.Conv2d(width, classes, 1)
        )

    def forward(self, x):
        return self.block(x)


class DeepLabV3(nn.Module):
    """Forward: images [N,k,H,W] to main and auxiliary logits, [N,C,H/8,W/8]."""

    def __init__(self, depth, classes, inputs=3):
        super().__init__()
        block, depths, width = {
            18: (BasicBlock, (2, 2, 2, 2), 128),
            101: (Bottleneck, (3, 4, 23, 3), 256),
        }[depth]
        self.pretrained = Backbone(block, depths, inputs)
        self.head = Head(512 * block.expansion, width, classes)
        self.auxlayer = AuxiliaryHead(256 * block.expansion, classes)

    def forward(self, x):
        c3, c4 = self.pretrained(x)
        return self.head(c4), self.auxlayer(c3)
