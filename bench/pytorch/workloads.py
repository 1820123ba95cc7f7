"""What is measured, as plain eager PyTorch on the CPU. Each workload offers `step()`, which returns the values that a
training loop would read back: the loss first, then its weighted terms.

All start from a batch in memory. The weights and the batch come from files that the other side wrote, so that both do
the same work; without files the networks start from PyTorch's own random weights.
"""

import torch
import torch.nn as nn

import safetensors
from losses import consistency, cross_entropy, kd, tse, upsample
from networks import DeepLabV3, resize

MEMORY_FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
# Mean of the images that CIRKD subtracts, BGR.
MEAN = (104.00698793, 116.66876762, 122.67891434)


class Setting:
    """Where the files are, and what the row says: sizes, hyper-parameters, memory format."""

    def __init__(self, folder, options, layout):
        self.folder = folder
        self.options = options
        self.layout = layout
        self.inputs = safetensors.read(f"{folder}/inputs.safetensors")

    def network(self, role, depth, inputs=3):
        network = DeepLabV3(depth, self.options["classes"], inputs)
        if self.options["weights"]:
            found = network.load_state_dict(safetensors.read(f"{self.folder}/{role}.safetensors"), strict=False)
            missing = [k for k in found.missing_keys if not k.endswith("num_batches_tracked")]
            if missing or found.unexpected_keys:
                raise ValueError(f"{role}.safetensors: missing {missing}, unexpected {found.unexpected_keys}")
        return network.to(memory_format=self.layout)

    def images(self):
        return self.inputs["images"].permute(0, 3, 1, 2).contiguous(memory_format=self.layout)

    def labels(self):
        return self.inputs["labels"].long()


class Training:
    """A network, its optimiser and a batch; subclasses say what the loss is."""

    depth = 18
    channels = 3
    role = "student"

    def __init__(self, setting):
        self.setting = setting
        self.options = setting.options
        self.images, self.labels = setting.images(), setting.labels()
        self.network = setting.network(self.role, self.depth, self.channels).train()
        self.optimizer = torch.optim.SGD(
            self.network.parameters(),
            lr=self.options["lr"],
            momentum=self.options["momentum"],
            weight_decay=self.options["weightDecay"],
            fused=True,
        )
        self.done = 0

    def terms(self):
        raise NotImplementedError

    def step(self):
        self.done += 1
        share = (self.options["firstStep"] + self.done - 2) / self.options["iterations"]
        for group in self.optimizer.param_groups:
            group["lr"] = self.options["lr"] * (1 - share) ** self.options["power"]
        terms = self.terms()
        self.names = list(terms)
        loss = sum(terms.values())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return torch.stack([loss, *terms.values()]).tolist()

    def without_dropout(self):
        for module in self.network.modules():
            if isinstance(module, nn.Dropout):
                module.eval()

    def with_dropout(self):
        self.network.train()

    def task(self, logits, aux):
        """Cross entropy of both heads at the size of the labels."""
        labels = self.labels
        return {
            "task": cross_entropy(upsample(logits, labels), labels),
            "task.aux": self.options["auxWeight"] * cross_entropy(upsample(aux, labels), labels),
        }


class Student(Training):
    """Baseline: cross entropy of both heads."""

    def terms(self):
        return self.task(*self.network(self.images))


class Rdd(Training):
    """RDD, second stage: TSE re-weights both task terms; KD on the main logits; the teacher is a frozen ResNet-101."""

    def __init__(self, setting):
        super().__init__(setting)
        self.teacher = setting.network("teacher", 101).eval().requires_grad_(False)

    def terms(self):
        labels, options = self.labels, self.options
        with torch.no_grad():
            taught, taught_aux = self.teacher(self.images)
            up_taught, up_taught_aux = upsample(taught, labels), upsample(taught_aux, labels)
        logits, aux = self.network(self.images)
        limits = options["threshold"], options["minKept"]
        return {
            "task": tse(upsample(logits, labels), up_taught, labels, *limits),
            "task.aux": options["auxWeight"] * tse(upsample(aux, labels), up_taught_aux, labels, *limits),
            "kd": kd(logits, taught),
        }


class LadTeacher(Training):
    """LAD's teacher: two inputs with noised labels of their own, task losses of both paths, and their consistency."""

    channels = 4
    role = "teacher"

    def __init__(self, setting):
        super().__init__(setting)
        self.generator = torch.Generator().manual_seed(1)
        self.recorded = None
        self.ids = torch.where(self.labels < 0, self.options["classes"], self.labels)

    def with_label(self, path):
        """Image and noised label: a value per class, image and path, N(0,1), plus N(0, 0.03^2) per pixel, times 100."""
        if self.recorded is not None:
            channel = self.recorded[path]
        else:
            n = self.ids.shape[0]
            codes = torch.randn((n, self.options["classes"] + 1), generator=self.generator)
            values = codes.gather(1, self.ids.reshape(n, -1)).reshape(self.ids.shape)
            channel = 100 * (values + 0.03 * torch.randn(self.ids.shape, generator=self.generator))
        x = torch.cat([self.images, channel.unsqueeze(1)], 1)
        return x.contiguous(memory_format=self.setting.layout)

    def terms(self):
        inputs = [self.with_label(path) for path in (0, 1)]
        (logits1, aux1), (logits2, aux2) = (self.network(x) for x in inputs)
        first, second = self.task(logits1, aux1), self.task(logits2, aux2)
        terms = {name: first[name] + second[name] for name in first}
        terms["consistency"] = 5 * consistency(logits1, logits2)
        return terms

    def without_dropout(self):
        """The label channels of the other side, too: [steps, paths, N, H, W]."""
        super().without_dropout()
        self.channels_of_steps = iter(safetensors.read(f"{self.setting.folder}/noise.safetensors")["channels"])

    def step(self):
        channels = getattr(self, "channels_of_steps", None)
        self.recorded = None if channels is None else next(channels)
        return super().step()

    def with_dropout(self):
        super().with_dropout()
        self.channels_of_steps = None


class Evaluation:
    """From a decoded image (RGB bytes) to the class of every pixel of it, as an evaluation does for each image."""

    def __init__(self, setting):
        self.setting = setting
        self.network = setting.network("student", 18).eval().requires_grad_(False)
        self.image = setting.inputs["image"]
        self.mean = torch.tensor(MEAN)

    def forward(self):
        x = (self.image.flip(2).float() - self.mean).permute(2, 0, 1).unsqueeze(0)
        return self.network(x.contiguous(memory_format=self.setting.layout))[0]

    def step(self):
        with torch.inference_mode():
            classes = resize(self.forward(), self.image.shape[:2]).argmax(1)
        return [int(classes[0, 0, 0])]

    def figures(self):
        """What the two sides compare: root mean square of the logits, mean class of the predicted pixels."""
        with torch.inference_mode():
            logits = self.forward()
            classes = resize(logits, self.image.shape[:2]).argmax(1)
        return {"logits": logits.pow(2).mean().sqrt().item(), "classes": classes.float().mean().item()}


WORKLOADS = {"student": Student, "rdd": Rdd, "lad-teacher": LadTeacher, "evaluation": Evaluation}
