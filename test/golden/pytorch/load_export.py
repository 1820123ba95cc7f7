"""Loads files that `distill export` wrote into PyTorch's own modules and compares their logits with those of ours.

    python test/golden/pytorch/load_export.py TABLE.json

The table is a list of {"weights": FILE.safetensors, "images": FILE, "shape": [N,C,H,W], "logits": FILE}; images and logits are
float32, row-major. Modules are those of the scripts beside this file, under the official names, and load_state_dict is strict:
a name or a shape that differs ends this with status 1. Prints for each file {"weights", "logits": largest, "difference": largest}.
test/golden/pytorch-export.test.ts runs it.
"""

import json
import struct
import sys

import numpy as np
import torch

import cirkd
import mmseg
import ocrnet
import stdc

# Counters of PyTorch that nothing needs in evaluation.
COUNTER = "num_batches_tracked"


def read(path):
    """The tensors and the metadata of a safetensors file, by its specification."""
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data, "<f4", (end - begin) // 4, 8 + length + begin)
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors, metadata


def build(spec):
    scripts = {"cirkd": cirkd, "mmseg": ocrnet if spec["model"] == "ocrnet" else mmseg, "official": stdc}
    return scripts[spec["style"]].Net(**spec)


def compare(weights, images, shape, logits):
    tensors, metadata = read(weights)
    net = build(json.loads(metadata["distillation-studio.segmenter"]))
    counters = {k: v for k, v in net.state_dict().items() if k.endswith(COUNTER)}
    net.load_state_dict(tensors | counters, strict=True)
    x = torch.from_numpy(np.fromfile(images, "<f4").reshape(shape))
    with torch.no_grad():
        expected = net.eval()(x)["logits"].numpy()
    ours = np.fromfile(logits, "<f4").reshape(expected.shape)
    return {"weights": weights, "logits": float(np.abs(expected).max()), "difference": float(np.abs(ours - expected).max())}


if __name__ == "__main__":
    print(json.dumps([compare(**row) for row in json.load(open(sys.argv[1]))]))
