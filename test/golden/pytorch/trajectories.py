"""Trains in PyTorch what src/distill trains, step by step, to be compared: LAD's teacher and student, RDD, CIRKD.

    python test/golden/pytorch/trajectories.py prepare FOLDER CLASSES WIDTH SIZE BATCH STEPS
    python test/golden/pytorch/trajectories.py train FOLDER CASE,... PRECISION...

`prepare` writes initial weights (`student.pth`, a trained `teacher.pth`, `lad-teacher.pth` with a fourth input channel) and
the batches (`batches.pth`). The other side then trains a case and leaves in FOLDER/CASE what it did: `case.json` with the
options, and `given.safetensors` and `draws.json` with what it drew at random. `train` repeats each in float32 or float64 and
writes `pytorch.json`, the terms of the loss at every step, and the final weights, `pytorch-float32.pth`.

Written from the equations of the papers and the descriptions of the released code.
"""

import copy
import json
import pathlib
import re
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from cirkd import CALM, Net
from losses import cirkd_memory, cirkd_mini_batch, cwd, kd, up

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "bench" / "pytorch"))
import safetensors  # noqa: E402

MEAN = torch.tensor([104.00698793, 116.66876762, 122.67891434])


def network(classes, width, inputs=3):
    return Net("deeplabv3", "resnet18", classes, inputs, width)


def begun(classes, width, inputs=3):
    """PyTorch's own initial weights, made comparable: with them as they are, its float32 and its float64 are 30 % apart after
    30 steps. A value that rounding puts on the other side of a ReLU's kink changes the gradients of all layers before it:
    biases of 2.5 keep most values away from it. And residual blocks that add little at first magnify rounding little."""
    net = network(classes, width, inputs)
    with torch.no_grad():
        for name, value in net.named_parameters():
            if name.endswith("bias") and not name.endswith("block.4.bias"):
                value += 2.5
            if re.search(CALM["resnet18"], name):
                value *= 0.05
    return net


def batches(classes, size, batch, steps, generator):
    """Blocks in noisy colours of their class, some of them ignored, and a fifth of the labels wrong, so that nobody ever
    gets all of them right: [steps,N,H,W,3] and [steps,N,H,W]."""
    shape = (steps, batch, 8, 8)
    blocks = torch.randint(-1, classes, shape, generator=generator)
    wrong = torch.rand(shape, generator=generator) < 0.2
    seen = torch.where(wrong, torch.randint(-1, classes, shape, generator=generator), blocks)
    spread = lambda x: x.repeat_interleave(size // 8, 2).repeat_interleave(size // 8, 3)
    colours = torch.rand((classes + 1, 3), generator=generator) * 200
    noise = 60 * torch.randn((steps, batch, size, size, 3), generator=generator)
    return colours[spread(seen) + 1] + noise - MEAN, spread(blocks)


def task(net, x, y):
    out = net(x)
    return F.cross_entropy(up(out["logits"], y), y, ignore_index=-1) + 0.4 * F.cross_entropy(
        up(out["aux"], y), y, ignore_index=-1
    )


def nchw(x):
    return x.permute(0, 3, 1, 2).contiguous()


def prepare(folder, classes, width, size, batch, steps):
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(2)
    images, labels = batches(classes, size, batch, steps, generator)
    student, teacher, lad = begun(classes, width), begun(classes, width), begun(classes, width, 4)
    # A teacher that knows something: easy and hard pixels are not the same for it and the student.
    optimizer = torch.optim.SGD(teacher.parameters(), lr=0.02, momentum=0.9)
    for i in range(40):
        optimizer.zero_grad()
        task(teacher, nchw(images[i % steps]), labels[i % steps]).backward()
        optimizer.step()
    # LAD's teacher teaches in a case of its own: it has to have running statistics.
    taught = copy.deepcopy(lad)
    with torch.no_grad():
        for i in range(30):
            y = labels[i % steps]
            channel = 100 * (y + 1 - (classes + 1) / 2) / 10
            taught(nchw(torch.cat([images[i % steps], channel[..., None]], 3)))
    for name, net in [("student", student), ("teacher", teacher), ("lad-teacher", lad), ("lad-taught", taught)]:
        torch.save(net.state_dict(), folder / f"{name}.pth")
    torch.save({"images": images, "labels": labels.float()}, folder / "batches.pth")


class Run:
    """A case at one precision."""

    def __init__(self, folder, name, dtype):
        self.options = o = json.loads((folder / name / "case.json").read_text())
        self.given = safetensors.read(str(folder / name / "given.safetensors"))
        self.dtype = dtype
        data = torch.load(folder / "batches.pth")
        self.images, self.labels = data["images"], data["labels"].long()
        load = lambda role, inputs: self.load(folder / f"{o[role]}.pth", o["classes"], o["width"], inputs)
        self.net = load("network", o["inputs"]).train()
        self.teacher = load("teacher", o["teacherInputs"]).eval() if "teacher" in o else None

    def load(self, file, classes, width, inputs):
        net = network(classes, width, inputs)
        net.load_state_dict(torch.load(file))
        return net.to(self.dtype)

    def image(self, step):
        return self.images[step].to(self.dtype)

    def with_channel(self, step, path):
        channel = self.given["channels"][step, path].to(self.dtype)
        return nchw(torch.cat([self.image(step), channel[..., None]], 3))

    def heads(self, out, y):
        o = self.options
        return {
            "task": F.cross_entropy(up(out["logits"], y), y, ignore_index=-1),
            "task.aux": o["auxWeight"] * F.cross_entropy(up(out["aux"], y), y, ignore_index=-1),
        }

    def taught(self, x):
        with torch.no_grad():
            return self.teacher(x)

    def trained(self):
        return [(list(self.net.parameters()), 1.0)]

    def train(self):
        o = self.options
        groups = [{"params": params, "factor": factor} for params, factor in self.trained()]
        sgd = torch.optim.SGD(groups, lr=o["lr"], momentum=o["momentum"], weight_decay=o["weightDecay"])
        curve = []
        for step in range(o["steps"]):
            for group in sgd.param_groups:
                group["lr"] = group["factor"] * o["lr"] * (1 - step / o["steps"]) ** o["power"]
            terms = self.terms(step, self.labels[step])
            loss = sum(terms.values())
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            curve.append({"loss": loss.item(), **{k: v.item() for k, v in terms.items()}})
        return curve


class LadTeacher(Run):
    """Cross entropy of both heads on both paths, and 5 times the channel-wise distance of the paths at temperature 4."""

    def terms(self, step, y):
        outs = [self.net(self.with_channel(step, path)) for path in (0, 1)]
        one, two = (self.heads(out, y) for out in outs)
        z1, z2 = (out["logits"] for out in outs)
        return {
            **{k: one[k] + two[k] for k in one},
            "consistency": 5 * (cwd(z1, z2.detach(), 4) + cwd(z2, z1.detach(), 4)),
        }


class LadStudent(Run):
    """The teacher sees image and coded label; 3 times channel-wise distillation at temperature 4."""

    def terms(self, step, y):
        teacher = self.taught(self.with_channel(step, 0))
        out = self.net(nchw(self.image(step)))
        return {**self.heads(out, y), "cwd": 3 * cwd(out["logits"], teacher["logits"], 4)}


class Rdd(Run):
    """Both stages as in the released code, and KD at temperature 1."""

    def terms(self, step, y):
        o = self.options
        x = nchw(self.image(step))
        teacher, out = self.taught(x), self.net(x)
        pairs = {"task": ("logits", 1.0), "task.aux": ("aux", o["auxWeight"])}
        if step + 1 < o["warmup"]:
            weights = self.certainty(teacher, y)
            losses = {k: (F.cross_entropy(up(out[h], y), y, ignore_index=-1, reduction="none") * weights).mean() for k, (h, _) in pairs.items()}
        else:
            losses = {k: self.hard(up(out[h], y), up(teacher[h], y), y) for k, (h, _) in pairs.items()}
        return {
            **{k: w * losses[k] for k, (_, w) in pairs.items()},
            "kd": kd(out["logits"], teacher["logits"], 1),
        }

    @staticmethod
    def certainty(teacher, y):
        """exp(-KL(aux || main)), bilinear to the size of the labels."""
        main, aux = teacher["logits"].log_softmax(1), teacher["aux"].log_softmax(1)
        rd = torch.exp(-(aux.exp() * (aux - main)).sum(1, keepdim=True))
        return up(rd, y)[:, 0]

    def hard(self, student, teacher, y):
        """Mean over the pixels that exactly one of the two finds hard."""
        o = self.options
        losses = F.cross_entropy(student, y, ignore_index=-1, reduction="none")

        def mask(z):
            with torch.no_grad():
                confidence = torch.exp(-F.cross_entropy(z, y, ignore_index=-1, reduction="none"))
                valid = y >= 0
                labelled = confidence[valid]
                floor = torch.kthvalue(labelled, min(o["minKept"], labelled.numel())).values
                return valid & (confidence <= torch.clamp(floor, min=o["threshold"]))

        chosen = mask(student) ^ mask(teacher)
        return (losses * chosen).sum() / chosen.sum().clamp(min=1)


class Queues:
    """A ring of vectors for each class; where new ones would reach its end they take the last places, and it begins anew."""

    def __init__(self, vectors):
        self.vectors = vectors.clone()
        self.next = [0] * len(vectors)

    def remember(self, k, rows):
        size = self.vectors.shape[1]
        end = self.next[k] + len(rows) >= size
        place = size - len(rows) if end else self.next[k]
        self.vectors[k, place : place + len(rows)] = rows
        self.next[k] = 0 if end else place + len(rows)

    def keys(self, places):
        return self.vectors[:, places].flatten(0, 1)


class Cirkd(Run):
    """KD, and the relations of pixels to those of the batch, of a memory of pixels and of one of regions."""

    def __init__(self, folder, name, dtype):
        super().__init__(folder, name, dtype)
        given = {k: v.to(dtype) for k, v in self.given.items()}
        self.draws = iter(json.loads((folder / name / "draws.json").read_text()))
        filter = lambda k: nn.Parameter(given[k].permute(3, 2, 0, 1).contiguous())
        self.head = [filter("head.0.weight"), nn.Parameter(given["head.1.weight"]), nn.Parameter(given["head.1.bias"]), filter("head.3.weight")]
        self.pixels, self.regions = Queues(given["memory.pixels"]), Queues(given["memory.regions"])

    def trained(self):
        return [*super().trained(), (self.head, 1.0)]

    def draw(self):
        return torch.tensor(next(self.draws))

    def remember(self, taught, y):
        """Of every class in every image the direction of the mean, and some of its pixels."""
        for rows, labels in zip(taught, y):
            for k in range(self.options["classes"]):
                own = rows[labels == k]
                if len(own):
                    self.regions.remember(k, F.normalize(own.mean(0, keepdim=True), dim=1))
                    self.pixels.remember(k, own[self.draw()[: self.options["pixelsPerImage"]]])

    def terms(self, step, y):
        o = self.options
        x = nchw(self.image(step))
        teacher, out = self.taught(x), self.net(x)
        rows = lambda f: F.normalize(f, dim=1).flatten(2).transpose(1, 2)
        taught = rows(teacher["features"])
        small = F.interpolate(y[:, None].float(), out["features"].shape[2:], mode="nearest").long().flatten(1)
        self.remember(taught, small)
        count = lambda total: total // o["classes"] + 1
        regions = self.regions.keys(self.draw()[: count(o["regionContrast"])])
        pixels = self.pixels.keys(self.draw()[: count(o["pixelContrast"])])
        w1, gamma, beta, w2 = self.head
        hidden = F.batch_norm(F.conv2d(out["features"], w1), None, None, gamma, beta, training=True)
        own = rows(F.conv2d(F.relu(hidden), w2))[small >= 0]
        memory = lambda keys: 0.1 * cirkd_memory(own, taught[small >= 0], keys)
        return {
            **self.heads(out, y),
            "kd": kd(out["logits"], teacher["logits"], 1),
            "cirkd.batch": cirkd_mini_batch(out["features"], teacher["features"]),
            "cirkd.memory.pixel": memory(pixels),
            "cirkd.memory.region": memory(regions),
        }


CASES = {"lad-teacher": LadTeacher, "lad-student": LadStudent, "rdd": Rdd, "cirkd": Cirkd}


def train(folder, name, precisions):
    torch.use_deterministic_algorithms(True)
    result = {}
    for key in precisions:
        run = CASES[name](folder, name, getattr(torch, key))
        result[key] = run.train()
        torch.save({k: v.float() for k, v in run.net.state_dict().items()}, folder / name / f"pytorch-{key}.pth")
    (folder / name / "pytorch.json").write_text(json.dumps(result))


if __name__ == "__main__":
    what, folder, *rest = sys.argv[1:]
    # Networks this small are not quicker on more threads, which wait for each other: on busy processors ten times as long.
    torch.set_num_threads(1)
    if what == "prepare":
        classes, width, size, batch, steps = rest
        prepare(pathlib.Path(folder), int(classes), float(width), int(size), int(batch), int(steps))
    else:
        for case in rest[0].split(","):
            train(pathlib.Path(folder), case, rest[1:])
