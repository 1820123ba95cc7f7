"""Losses of the steps that are measured, in the forms of the released LAD and RDD code, from their equations.

Logits are [N,C,h,w] at 1/8 of the labels [N,H,W]; -1 is ignored.
"""

import torch
import torch.nn.functional as F

from networks import resize


def cross_entropy(upsampled, labels):
    """Mean over labelled pixels (CIRKD)."""
    return F.cross_entropy(upsampled, labels, ignore_index=-1)


def kd(student, teacher):
    """Mean over pixels of KL(teacher || student), temperature 1 (CIRKD, RDD)."""
    n, _, h, w = student.shape
    divergence = F.kl_div(F.log_softmax(student, 1), F.softmax(teacher, 1), reduction="sum")
    return divergence / (n * h * w)


def cwd(student, teacher, temperature):
    """Channel-wise distillation: every channel is a distribution over positions (Shu et al. 2021, Eq. 3-4)."""
    n, c = student.shape[:2]
    logs = F.log_softmax(student.reshape(n * c, -1) / temperature, 1)
    target = F.softmax(teacher.reshape(n * c, -1) / temperature, 1)
    return temperature**2 / (n * c) * F.kl_div(logs, target, reduction="sum")


def consistency(path1, path2):
    """LAD's dual-path consistency of the teacher, temperature 4; each path is pulled to the other, held fixed."""
    return cwd(path1, path2.detach(), 4) + cwd(path2, path1.detach(), 4)


def hard_pixels(losses, labels, threshold, min_kept):
    """Where the probability of the label is at most max(threshold, the k-th smallest), k = min_kept (RDD, OHEM).

    `losses` is the cross entropy per pixel, so that exp(-losses) is the probability of the label.
    """
    with torch.no_grad():
        valid = labels >= 0
        confidence = torch.exp(-losses)
        labelled = confidence[valid]
        floor = torch.kthvalue(labelled, min(min_kept, labelled.numel())).values.item()
        return valid & (confidence <= max(threshold, floor))


def tse(student, teacher, labels, threshold, min_kept):
    """RDD's task loss of the second stage: mean over the pixels that exactly one of the two networks finds hard."""
    losses = F.cross_entropy(student, labels, ignore_index=-1, reduction="none")
    with torch.no_grad():
        taught = F.cross_entropy(teacher, labels, ignore_index=-1, reduction="none")
    mask = hard_pixels(losses, labels, threshold, min_kept) ^ hard_pixels(taught, labels, threshold, min_kept)
    return (losses * mask).sum() / mask.sum().clamp(min=1)


def upsample(logits, labels):
    return resize(logits, labels.shape[1:])
