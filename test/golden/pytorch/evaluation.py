"""Scores of formula-made predictions, computed with NumPy and SciPy alone, for test/unit/evaluation.

    pip install numpy scipy && python3 test/golden/pytorch/evaluation.py
"""
import json
import os

import numpy as np
from scipy.ndimage import distance_transform_edt

CLASSES, HEIGHT, WIDTH, IMAGES = 7, 40, 56, 3


def wave(shape, a, b, amp):
    return (amp * np.sin(a * np.arange(np.prod(shape)) + b)).reshape(shape)


def label_map(n):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    label = ((y // 7 + n) * 2 + x // 9) % 5  # classes 5 and 6 are never labelled
    return np.where((y + 2 * x + n) % 23 == 0, -1, label)


def logits(n, label):
    noise = wave((HEIGHT, WIDTH, CLASSES), 0.731 + 0.01 * n, 0.2, 2.0)
    shifted = np.roll(label, 2, axis=1)  # boundaries two pixels off
    noise[..., 6] = -10  # and class 6 is never predicted
    return noise + 2.5 * (np.arange(CLASSES) == shifted[..., None])


def edge(mask):
    padded = np.pad(mask, 1, mode="edge")
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inner


def share_near(of, to, limit):
    if not of.any():
        return 0.0
    if not to.any():
        return 0.0
    return float((distance_transform_edt(~to)[of] <= limit).mean())


counts = np.zeros((CLASSES, CLASSES))
f1 = [[] for _ in range(CLASSES)]
confidences, hits = [], []
for n in range(IMAGES):
    label = label_map(n)
    scores = logits(n, label).astype(np.float32)
    prediction = scores.argmax(-1)
    valid = label >= 0
    np.add.at(counts, (label[valid], prediction[valid]), 1)
    # Made of integers, so that both sides have the very same values (exp differs between libraries).
    position = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    confidences.append(((1 + (position * 7919 + n * 104729) % 997) / 998).astype(np.float32)[valid])
    hits.append((prediction == label)[valid])
    seen = np.where(valid, prediction, -1)
    limit = 0.0075 * 2 * np.hypot(HEIGHT, WIDTH)
    for c in np.unique(label[valid]):
        truth, found = edge(label == c), edge(seen == c)
        precision, recall = share_near(found, truth, limit), share_near(truth, found, limit)
        f1[c].append(0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall))

inter = np.diag(counts)
union = counts.sum(0) + counts.sum(1) - inter
labelled = counts.sum(1)
confidence, hit = np.concatenate(confidences).astype(np.float64), np.concatenate(hits)
error = 0.0
for m in range(15):
    inside = (np.ceil(confidence * 15) == m + 1).nonzero()[0]
    total = 0.0
    for i in inside:  # one after the other: NumPy adds in pairs, which rounds differently
        total += float(confidence[i])
    if len(inside):
        error += len(inside) * abs(int(hit[inside].sum()) / len(inside) - total / len(inside))
per_class = [float(np.mean(v)) if v else None for v in f1]

out = {
    "counts": counts.astype(int).reshape(-1).tolist(),
    "iou": [None if u == 0 else float(i / u) for i, u in zip(inter, union)],
    "miou": float((inter / (union + 2.2e-16)).mean()),
    "miouPresent": float(np.nanmean(np.where(union > 0, inter / np.maximum(union, 1), np.nan))),
    "pixelAccuracy": float(inter.sum() / counts.sum()),
    "meanAccuracy": float(np.nanmean(np.where(labelled > 0, inter / np.maximum(labelled, 1), np.nan))),
    "boundary": {"perClass": per_class, "mean": float(np.mean([v for v in per_class if v is not None]))},
    "calibration": error / len(hit),
}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "evaluation.json"), "w", encoding="utf-8") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
