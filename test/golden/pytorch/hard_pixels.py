"""Writes hard_pixels.json beside this file: OHEM cross entropy and STDC's detail losses in PyTorch.

    python test/golden/pytorch/hard_pixels.py        (torch 2.13, CPU; takes seconds)

Written from the description of the losses (STDC-Seg, loss/loss.py and loss/detail_loss.py; mmsegmentation's
OHEMPixelSampler); the tests read the JSON and need no Python. Inputs and the loss are in float64, but the target of the
detail head is made in float32, as in the source: its last threshold lies on a weight.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

IGNORED = 255
N, C, H, W = 2, 5, 14, 19


def wave(shape, a, b, amp):
    values = [amp * math.sin(a * i + b) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).float().double()


def labels():
    """Two ignored corners, and regions from one pixel to a third of the image in size."""
    y = torch.zeros(N, H, W, dtype=torch.long)
    for n in range(N):
        for i in range(H):
            for j in range(W):
                y[n, i, j] = (i // 5 + 2 * (j // 7) + n) % C
        y[n, 3, 4 + n] = 4
        y[n, 8:10, 12 + n] = 2
        y[n, :4, :3] = IGNORED
        y[n, 12:, 17 - n :] = IGNORED
    return y


def rounded(v):
    return float(f"{v.item():.9g}")


def digest(gradient):
    flat = gradient.permute(0, 2, 3, 1).reshape(-1)
    return {"norm": rounded(flat.norm()), "values": [rounded(v) for v in flat[::37]], "step": 37}


def stdc(z, y, threshold, kept):
    loss = F.cross_entropy(z, y, ignore_index=IGNORED, reduction="none").reshape(-1)
    loss = loss.sort(descending=True).values
    limit = -math.log(threshold)
    return (loss[loss > limit] if loss[kept] > limit else loss[:kept]).mean()


def mmseg(z, y, threshold, kept):
    """`kept`: of the batch. The sampler's weights do not count in the mean."""
    valid = y != IGNORED
    with torch.no_grad():
        p = z.softmax(1).gather(1, torch.where(valid, y, 0)[:, None])[:, 0]
        p = torch.where(valid, p, 1)
        ranked = p[valid].sort().values
        limit = max(ranked[min(kept, len(ranked) - 1)].item(), threshold)
        weight = (valid & (p < limit)).double()
    return (F.cross_entropy(z, y, ignore_index=IGNORED, reduction="none") * weight).mean()


def ohem(form, threshold, kept):
    z = wave((N, C, H, W), 0.61, 0.3, 2.5).requires_grad_()
    loss = {"stdc": stdc, "mmseg": mmseg}[form](z, labels(), threshold, kept)
    loss.backward()
    return {"form": form, "threshold": threshold, "minKept": kept, "loss": rounded(loss), "gradient": digest(z.grad)}


def detail_target(y):
    kernel = torch.tensor([-1.0, -1, -1, -1, 8, -1, -1, -1, -1]).reshape(1, 1, 3, 3)
    maps = []
    for stride in (1, 2, 4):
        edges = F.conv2d(y[:, None].float(), kernel, stride=stride, padding=1).clamp(min=0)
        maps.append((F.interpolate(edges, y.shape[1:], mode="nearest") > 0.1).float())
    fused = F.conv2d(torch.cat(maps, 1), torch.tensor([0.6, 0.3, 0.1]).reshape(1, 3, 1, 1))
    return (fused > 0.1).long()[:, 0]


def detail(y):
    z = wave((y.shape[0], 1, 4, 5), 0.83, 0.4, 2).requires_grad_()
    target = detail_target(y)
    up = F.interpolate(z, y.shape[1:], mode="bilinear", align_corners=True)[:, 0]
    bce = F.binary_cross_entropy_with_logits(up, target.double())
    p, t = up.sigmoid().flatten(1), target.double().flatten(1)
    dice = (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()
    gradients = [torch.autograd.grad(v, z, retain_graph=True)[0].reshape(-1) for v in (bce, dice)]
    return {
        "labels": [["".join("#" if v == IGNORED else str(v) for v in row) for row in image] for image in y.tolist()],
        "target": [["".join(map(str, row)) for row in image] for image in target.tolist()],
        "bce": rounded(bce),
        "dice": rounded(dice),
        "bceGradient": [rounded(v) for v in gradients[0]],
        "diceGradient": [rounded(v) for v in gradients[1]],
    }


if __name__ == "__main__":
    pixels = N * H * W
    out = {
        "torch": torch.__version__,
        "shape": [N, C, H, W],
        "ohem": [
            ohem("stdc", 0.7, pixels // 16),
            ohem("stdc", 0.001, pixels // 4),
            # More than there are labelled pixels: ignored ones count too.
            ohem("stdc", 0.7, pixels - 3),
            ohem("mmseg", 0.7, 30),
            ohem("mmseg", 0.001, 150),
            ohem("mmseg", 0.7, 10000),
        ],
        "detail": [detail(labels()), detail(labels()[:1, :, :16].flip(2))],
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
