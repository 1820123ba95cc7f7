"""Writes losses.json beside this file: every distillation loss and its gradients in PyTorch.

    python test/golden/pytorch/losses.py        (torch 2.13, CPU; takes seconds)

Written from the equations of the papers and the descriptions of the losses in CIRKD; the tests read the JSON and need no
Python. Everything is computed in float64 on inputs that were rounded to float32, which is what ours holds. Gradients are
told as their norm and every k-th value, in the order of channels last.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

SHAPE = (2, 5, 4, 6)
LABELS = (2, 13, 17)
STUDENT_FEATURES = (2, 8, 6, 8)
TEACHER_FEATURES = (2, 16, 6, 8)


def wave(shape, a, b, amp=1.0, fn=math.sin):
    values = [amp * fn(a * i + b) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).reshape(shape).float().double()


def logits():
    return wave(SHAPE, 0.7, 0.1, 3), wave(SHAPE, 0.9, 0.5, 4, math.cos)


def features(size=(6, 8)):
    return wave((2, 8, *size), 0.31, 0.2, 2), wave((2, 16, *size), 0.17, 0.9, 1.5, math.cos)


def adapter():
    return wave((16, 8, 1, 1), 0.13, 0, 0.25)


def labels():
    n, y, x = torch.meshgrid(*map(torch.arange, LABELS), indexing="ij")
    return (7 * n + 3 * y + 5 * x) % 6 - 1


def label_blocks():
    n, y, x = torch.meshgrid(torch.arange(2), torch.arange(24), torch.arange(32), indexing="ij")
    return (5 * n + 2 * y + 3 * x) // 7 % 6 - 1


def up(z, y):
    return F.interpolate(z, y.shape[1:], mode="bilinear", align_corners=True)


def cross_entropy(student):
    return F.cross_entropy(up(student, labels()), labels(), ignore_index=-1)


def kl(p, q, dim):
    """KL(p || q) of log probabilities, summed over dim."""
    return (p.exp() * (p - q)).sum(dim)


def kd(s, t, tau=1.0):
    return tau**2 * kl((t / tau).log_softmax(1), (s / tau).log_softmax(1), 1).mean()


def cwd(s, t, tau=4.0, w=None):
    """The sum is divided by the channels that the student has before its adapter."""
    channels = s.shape[0] * s.shape[1]
    s, t = (x.flatten(2) / tau for x in (s if w is None else F.conv2d(s, w), t))
    return tau**2 * kl(t.log_softmax(2), s.log_softmax(2), 2).sum() / channels


def skd(s, t):
    def similarity(f):
        f = F.normalize(F.max_pool2d(f, 2, 2, ceil_mode=True).flatten(2), dim=1)
        return f.transpose(1, 2) @ f

    return ((similarity(s) - similarity(t)) ** 2).mean()


def ifvd(s, t, y, classes):
    y = F.interpolate(y[:, None].double(), s.shape[2:], mode="nearest")

    def variation(f):
        centre = f
        for k in range(classes):
            mask = (y == k).double()
            mean = (f * mask).sum((2, 3), keepdim=True) / (mask.sum((2, 3), keepdim=True) + 1e-6)
            centre = centre * (1 - mask) + mean * mask
        return F.cosine_similarity(f, centre, dim=1)

    return F.mse_loss(variation(s), variation(t))


def attention(f):
    return F.normalize((f**2).mean(1).flatten(1), dim=1)


def at(s, t):
    return ((attention(s) - attention(t)) ** 2).mean()


def dsd_pixel(student, teacher):
    def residuals(maps):
        q = [attention(f) for f in maps]
        return [F.normalize(q[j] - q[i], dim=1) for i, j in ((0, 1), (0, 2), (1, 2))]

    return sum(((a - b) ** 2).mean() for a, b in zip(residuals(student), residuals(teacher))) / 3


def dsd_category(s, t, tau=4.0):
    def gram(z):
        p = (F.avg_pool2d(z, 2, 2, ceil_mode=True).flatten(2) / tau).softmax(2)
        return p @ p.transpose(1, 2)

    return ((gram(s) - gram(t)) ** 2).mean()


def cirkd_mini_batch(s, t, tau=0.1):
    s, t = (F.normalize(f, dim=1).flatten(2).transpose(1, 2) for f in (s, t))
    total = 0
    for i in range(len(s)):
        for j in range(len(s)):
            total = total + kl(((t[i] @ t[j].T) / tau).log_softmax(1), ((s[i] @ s[j].T) / tau).log_softmax(1), 1).mean()
    return total / len(s) ** 2


def cirkd_memory(s, t, keys, tau=0.1):
    return kl((t @ keys.T / tau).log_softmax(1), (s @ keys.T / tau).log_softmax(1), 1).mean()


def dist(s, t, beta=1.0, gamma=1.0):
    def relation(a, b):
        a, b = (x - x.mean(1, keepdim=True) for x in (a, b))
        return 1 - ((a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-8)).mean()

    s, t = (x.softmax(1).transpose(0, 1).flatten(1).T for x in (s, t))
    return beta * relation(s, t) + gamma * relation(s.T, t.T)


def pixel_kl(s, t, tau=4.0, eps=1e-5):
    """The disabled alternative in LAD's student script."""
    p, q = (t / tau).softmax(1), (s / tau).softmax(1)
    return (p * torch.log((p + eps) / (q + eps))).sum(1).mean()


def squared(s, t):
    return ((s.softmax(1) - t.softmax(1)) ** 2).sum(1).mean()


def hinge_discriminator(fake, real):
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def rdd_inputs():
    """Logits of student and teacher, auxiliary ones of the teacher, and labels: waves plus a bonus on the class of the label."""
    n, y, x = torch.meshgrid(torch.arange(2), torch.arange(8), torch.arange(10), indexing="ij")
    low = (7 * n + 3 * y + 5 * x) % 19
    one_hot = F.one_hot(low, 19).permute(0, 3, 1, 2).double()
    y, x = torch.meshgrid(torch.arange(16), torch.arange(20), indexing="ij")
    label = low.repeat_interleave(2, 1).repeat_interleave(2, 2)
    label = torch.where((y + x) % 11 == 0, -1, label)
    z = lambda a, b, amp, bonus, fn=math.sin: (wave((2, 19, 8, 10), a, b, amp, fn) + bonus * one_hot).float().double()
    return z(0.37, 0.1, 3, 4), z(0.23, 0.4, 2, 8, math.cos), z(0.29, 0.9, 3, 5, math.cos), label


def rdd_tfe(student):
    """Mean over all pixels of the cross entropy times exp(-KL(aux || main)) of the teacher."""
    _, main, aux, label = rdd_inputs()
    easy = torch.exp(-kl(aux.log_softmax(1), main.log_softmax(1), 1))
    weights = up(easy[:, None], label)[:, 0]
    return (F.cross_entropy(up(student, label), label, ignore_index=-1, reduction="none") * weights).mean()


def rdd_tse(student):
    """Mean, by class weight, over the pixels that exactly one of the two finds hard; at least 400 for each."""
    _, teacher, _, label = rdd_inputs()
    valid = label >= 0

    def hard(z):
        p = up(z, label).softmax(1).gather(1, label.clamp(min=0)[:, None])[:, 0]
        return valid & (p <= max(0.7, p[valid].sort().values[399]))

    with torch.no_grad():
        weights = 0.5 + torch.arange(19, dtype=torch.float64) / 19
        w = (hard(student) ^ hard(teacher)) * weights[label.clamp(min=0)]
    return (F.cross_entropy(up(student, label), label, ignore_index=-1, reduction="none") * w).sum() / w.sum()


def rounded(v):
    return float(f"{v.item():.9g}")


def digest(gradient):
    g = gradient.detach()
    g = (g.permute(0, 2, 3, 1) if g.dim() == 4 else g).reshape(-1)
    step = max(1, g.numel() // 24)
    return {"norm": rounded(g.norm()), "step": step, "values": [rounded(v) for v in g[::step]]}


def case(name, loss, **inputs):
    """Loss and gradients with respect to the inputs that are given by name."""
    leaves = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    value = loss(**leaves)
    gradients = torch.autograd.grad(value, list(leaves.values()))
    return {"name": name, "loss": rounded(value), "gradients": {k: digest(g) for k, g in zip(leaves, gradients)}}


def cases():
    s, t = logits()
    fs, ft = features()
    odd_s, odd_t = features((5, 7))
    w = adapter()
    unit = lambda shape, *a: F.normalize(wave(shape, *a), dim=-1).float().double()
    anchors, taught = unit((7, 16), 0.33, 0.2), unit((7, 16), 0.45, 0.6, 1, math.cos)
    keys = unit((12, 16), 0.19, 0.4)
    lists = {
        "student": (wave((2, 5, 6, 8), 0.21, 0.3, 2), fs, wave((2, 5, 6, 8), 0.37, 0.3, 2)),
        "teacher": (wave((2, 5, 6, 8), 0.29, 0.7, 2.5, math.cos), ft, wave((2, 5, 6, 8), 0.41, 0.7, 2.5, math.cos)),
    }
    odd = wave((2, 5, 5, 7), 0.37, 0.3, 2), wave((2, 5, 5, 7), 0.41, 0.7, 2.5, math.cos)
    conv = lambda f, w: F.conv2d(f, w)
    both = lambda d: lambda one, two: d(one, two.detach()) + d(two, one.detach())
    return [
        case("cross entropy", cross_entropy, student=s),
        case("KD, temperature 1", lambda student: kd(student, t, 1), student=s),
        case("KD, temperature 4", lambda student: kd(student, t, 4), student=s),
        case("KD, student || teacher", lambda student: kd(t, student, 1), student=s),
        case("CWD, temperature 4", lambda student: cwd(student, t, 4), student=s),
        case("CWD of features", lambda student, adapter: cwd(student, ft, 4, adapter), student=fs, adapter=w),
        case("SKD", lambda student: skd(student, ft), student=fs),
        case("SKD, odd size", lambda student: skd(student, odd_t), student=odd_s),
        case("IFVD", lambda student: ifvd(student, ft, label_blocks(), 5), student=fs),
        case("AT", lambda student: at(student, ft), student=fs),
        case("FitNet", lambda student, adapter: F.mse_loss(conv(student, adapter), ft), student=fs, adapter=w),
        case(
            "DSD, pixels",
            lambda aux, features, logits: dsd_pixel((aux, features, logits), lists["teacher"]),
            **dict(zip(("aux", "features", "logits"), lists["student"])),
        ),
        case("DSD, categories", lambda student: dsd_category(student, lists["teacher"][2]), student=lists["student"][2]),
        case("DSD, categories, odd size", lambda student: dsd_category(student, odd[1]), student=odd[0]),
        case("CIRKD, mini-batch", lambda student: cirkd_mini_batch(student, ft), student=fs),
        case("CIRKD, memory", lambda student: cirkd_memory(student, taught, keys), student=anchors),
        case("DIST", lambda student: dist(student, t), student=s),
        case("DIST, weights 1 and 2", lambda student: dist(student, t, 1, 2), student=s),
        case("pixel KL of LAD", lambda student: pixel_kl(student, t), student=s),
        case("LAD consistency", both(lambda a, b: cwd(a, b, 4)), one=s, two=t),
        case("LAD consistency, one way", lambda one: cwd(one, t, 4), one=s),
        case("LAD consistency, attached", lambda one, two: cwd(one, two, 4) + cwd(two, one, 4), one=s, two=t),
        case("LAD consistency, KL", both(lambda a, b: kd(a, b, 4)), one=s, two=t),
        case("LAD consistency, squared", both(squared), one=s, two=t),
        case("RDD, TFE", rdd_tfe, student=rdd_inputs()[0]),
        case("RDD, TSE", rdd_tse, student=rdd_inputs()[0]),
        case("hinge, discriminator", hinge_discriminator, fake=wave((2, 1, 1, 5), 0.8, 0.1, 2), real=wave((2, 1, 1, 5), 0.6, 0.4, 2, math.cos)),
        case("hinge, generator", lambda fake: -fake.mean(), fake=wave((2, 1, 1, 5), 0.8, 0.1, 2)),
    ]


if __name__ == "__main__":
    made = cases()
    for c in made:
        print(f"{c['name']:36} {c['loss']:.12g}")
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in made)
    text = '{"torch":"%s","cases":[\n%s\n]}\n' % (torch.__version__, lines)
    pathlib.Path(__file__).with_suffix(".json").write_text(text)
