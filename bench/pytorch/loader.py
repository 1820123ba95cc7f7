"""PyTorch's side of the input rows of `npm run bench`: a DataLoader whose workers read with OpenCV and augment as CIRKD or
mmsegmentation do. One request as JSON on the command line, one line of JSON as answer.
"""

import json
import os
import platform
import sys
import time

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

CAFFE_BGR = np.array([104.00698793, 116.66876762, 122.67891434], np.float64)
IMAGENET_RGB = np.array([123.675, 116.28, 103.53], np.float32)
IMAGENET_STD = np.array([58.395, 57.12, 57.375], np.float32)
CITYSCAPES = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33]
BASE_SIZES = {"cityscapes": (2048, 1024)}
IGNORE = 255


def table_of(kind):
    """Train id of every raw label value."""
    table = np.full(256, IGNORE, np.uint8)
    if kind == "cityscapes":
        table[CITYSCAPES] = np.arange(len(CITYSCAPES))
    else:
        table[:11] = np.arange(11)
    return table


def files_of(kind, root):
    """Pairs of image and label files of the training split."""
    if kind == "camvid":
        folder = os.path.join(root, "train")
        names = sorted(os.listdir(folder))
        return [(os.path.join(folder, name), os.path.join(root, "trainannot", name)) for name in names]
    pairs = []
    images = os.path.join(root, "leftImg8bit", "train")
    for city in sorted(os.listdir(images)):
        for name in sorted(os.listdir(os.path.join(images, city))):
            label = name.replace("_leftImg8bit.png", "_gtFine_labelIds.png")
            pairs.append((os.path.join(images, city, name), os.path.join(root, "gtFine", "train", city, label)))
    return pairs


def read(files, table):
    """An image in B G R and its train ids."""
    image, label = files
    return cv2.imread(image, cv2.IMREAD_COLOR), cv2.LUT(cv2.imread(label, cv2.IMREAD_GRAYSCALE), table)


def draw(style, label, crop, base, rng):
    """What is left to chance, in the form our side writes it; with mmsegmentation, colours too. Labels come scaled."""
    height, width = label.shape
    if style == "cirkd":
        factor = 0.5 + rng.integers(16) / 10
        label = cv2.resize(label, None, fx=factor, fy=factor, interpolation=cv2.INTER_NEAREST)
        drawn = {"factor": factor}
    else:
        ratio = rng.uniform(0.5, 2.0)
        w, h = base or (width, height)
        target = int(w * ratio), int(h * ratio)
        factor = min(max(target) / max(height, width), min(target) / min(height, width))
        size = int(width * factor + 0.5), int(height * factor + 0.5)
        label = cv2.resize(label, size, interpolation=cv2.INTER_NEAREST)
        drawn = {"size": size, "colour": draw_colour(rng)}

    def offset():
        return [int(rng.integers(max(have - want, 0) + 1)) for have, want in zip(label.shape, crop)]

    top, left = offset()
    if style == "mmseg":
        for _ in range(10):
            counts = np.bincount(label[top : top + crop[0], left : left + crop[1]].ravel(), minlength=256)[:IGNORE]
            if (counts > 0).sum() > 1 and counts.max() / counts.sum() < 0.75:
                break
            top, left = offset()
    return {**drawn, "top": top, "left": left, "flip": bool(rng.integers(2))}, label


def draw_colour(rng):
    def maybe(value):
        return value if rng.integers(2) else None

    return {
        "brightness": maybe(rng.uniform(-32, 32)),
        "contrastFirst": bool(rng.integers(2)),
        "contrast": maybe(rng.uniform(0.5, 1.5)),
        "saturation": maybe(rng.uniform(0.5, 1.5)),
        "hue": maybe(int(rng.integers(-18, 18))),
    }


def scaled(picture, drawn, interpolation):
    if "factor" in drawn:
        return cv2.resize(picture, None, fx=drawn["factor"], fy=drawn["factor"], interpolation=interpolation)
    return cv2.resize(picture, drawn["size"], interpolation=interpolation)


def converted(values, alpha, beta):
    return np.clip(values.astype(np.float32) * np.float32(alpha) + np.float32(beta), 0, 255).astype(np.uint8)


def distorted(image, drawn):
    if drawn["brightness"] is not None:
        image = converted(image, 1, drawn["brightness"])
    if drawn["contrast"] is not None and drawn["contrastFirst"]:
        image = converted(image, drawn["contrast"], 0)
    if drawn["saturation"] is not None:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        image[..., 1] = converted(image[..., 1], drawn["saturation"], 0)
        image = cv2.cvtColor(image, cv2.COLOR_HSV2BGR)
    if drawn["hue"] is not None:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        image[..., 0] = (image[..., 0].astype(int) + drawn["hue"]) % 180
        image = cv2.cvtColor(image, cv2.COLOR_HSV2BGR)
    if drawn["contrast"] is not None and not drawn["contrastFirst"]:
        image = converted(image, drawn["contrast"], 0)
    return image


def crop_of(image, label, style, crop, drawn):
    """Image [3,h,w] and label [h,w]. The crop is cut before anything becomes floating point."""
    window = np.s_[drawn["top"] : drawn["top"] + crop[0], drawn["left"] : drawn["left"] + crop[1]]
    image, label = scaled(image, drawn, cv2.INTER_LINEAR)[window], label[window]
    down, right = crop[0] - label.shape[0], crop[1] - label.shape[1]
    if drawn["flip"]:
        image, label = cv2.flip(image, 1), cv2.flip(label, 1)
    if style == "mmseg":
        image = distorted(image, drawn["colour"])
        image = (image[..., ::-1].astype(np.float32) - IMAGENET_RGB) / IMAGENET_STD
    else:
        image = image.astype(np.float32)
        image -= CAFFE_BGR
    if down > 0 or right > 0:
        # CIRKD flips what was padded.
        sides = (right, 0) if drawn["flip"] and style == "cirkd" else (0, right)
        image = cv2.copyMakeBorder(image, 0, down, *sides, cv2.BORDER_CONSTANT, value=(0, 0, 0))
        label = cv2.copyMakeBorder(label, 0, down, *sides, cv2.BORDER_CONSTANT, value=IGNORE)
    return np.ascontiguousarray(image.transpose(2, 0, 1)), label.astype(np.int64)


class Crops(Dataset):
    def __init__(self, loading, root):
        self.style, self.crop = loading["style"], loading["crop"]
        self.files, self.table = files_of(loading["kind"], root), table_of(loading["kind"])
        self.base = BASE_SIZES.get(loading["kind"])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        rng = np.random.default_rng(torch.randint(2**31, ()).item())
        image, label = read(self.files[index], self.table)
        drawn, label = draw(self.style, label, self.crop, self.base, rng)
        image, label = crop_of(image, label, self.style, self.crop, drawn)
        return torch.from_numpy(image), torch.from_numpy(label)


class Endless(torch.utils.data.Sampler):
    """One epoch after the other without a pause between them."""

    def __init__(self, count):
        self.count = count

    def __iter__(self):
        while True:
            yield from torch.randperm(self.count).tolist()


def one_thread(_):
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def load(request):
    torch.manual_seed(1)
    loading = request["loading"]
    data = Crops(loading, request["root"])
    loader = DataLoader(
        data,
        batch_size=loading["batch"],
        sampler=Endless(len(data)),
        num_workers=request["workers"],
        worker_init_fn=one_thread,
    )
    batches = iter(loader)
    for _ in range(request["warmUp"]):
        next(batches)
    began, used = time.perf_counter(), processor_time()
    for _ in range(request["batches"]):
        images, labels = next(batches)
    images_done = request["batches"] * loading["batch"]
    ms = 1000 * (time.perf_counter() - began) / images_done
    cpu = 1000 * (processor_time() - used) / images_done
    assert images.dtype == torch.float32 and labels.shape[1:] == images.shape[2:]
    return {"ms": ms, "cpu": cpu, "shape": list(images.permute(0, 2, 3, 1).shape)}


def processor_time():
    """Seconds of this process and its workers (Linux; elsewhere of this process alone)."""
    ticks = 0
    pids = [os.getpid()]
    try:
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
                pids += file.read().split()
        for pid in pids:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                ticks += sum(int(v) for v in file.read().rsplit(")", 1)[1].split()[11:13])
        return ticks / os.sysconf("SC_CLK_TCK")
    except OSError:
        return time.process_time()


def crops(request):
    """Largest and mean difference between our crops and those made here with the same draws, and labels that differ."""
    cv2.setNumThreads(0)
    loading, folder = request["loading"], request["folder"]
    style, crop = loading["style"], loading["crop"]
    table = table_of(loading["kind"])
    with open(os.path.join(folder, "draws.json"), encoding="utf-8") as file:
        draws = json.load(file)
    most, total, wrong = 0.0, 0.0, 0
    for i, drawn in enumerate(draws):
        size = drawn["scaled"]
        if style == "cirkd":
            drawn["factor"] = 0.5 + round((1 / size["stepX"] - 0.5) * 10) / 10
        else:
            drawn["size"] = size["width"], size["height"]
        image, label = read((drawn["image"], drawn["label"]), table)
        image, label = crop_of(image, scaled(label, drawn, cv2.INTER_NEAREST), style, crop, drawn)
        ours = np.fromfile(os.path.join(folder, f"{i}.f32"), np.float32).reshape(*crop, 3).transpose(2, 0, 1)
        ids = np.fromfile(os.path.join(folder, f"{i}.i32"), np.int32).reshape(crop)
        difference = np.abs(ours - image)
        most = max(most, float(difference.max()))
        total += float(difference.mean()) / len(draws)
        wrong += int((np.where(label == IGNORE, -1, label) != ids).sum())
    return {"most": most, "mean": total, "labels": wrong}


def versions(_):
    return {"torch": torch.__version__, "opencv": cv2.__version__, "python": platform.python_version()}


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    print(json.dumps({"load": load, "crops": crops, "versions": versions}[asked["do"]](asked)))
