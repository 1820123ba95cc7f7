"""Loads what `distill export` wrote into PyTorch's own modules and compares the logits with those of ONNX Runtime.

    pip install torch onnxruntime onnx
    distill export RUN --out student.safetensors && distill export RUN --out student.onnx
    python test/golden/pytorch/load_export.py student.safetensors student.onnx

The modules are those of cirkd.py, under the official names; a network of another style is refused. Exits with 1 where names or
shapes differ (load_state_dict is strict) or a logit differs by more than 1e-4.
"""

import json
import struct
import sys

import numpy as np
import onnx
import onnxruntime
import torch

from cirkd import Net


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


def main(weights, model):
    tensors, metadata = read(weights)
    spec = json.loads(metadata["distillation-studio.segmenter"])
    if spec["style"] != "cirkd":
        sys.exit(f"{weights}: a network in the style of {spec['style']}; cirkd.py has the networks of CIRKD.")
    net = Net(**{k: spec[k] for k in ("model", "backbone", "classes", "inputChannels", "width") if k in spec}, stem=spec.get("stem"), outputStride=spec["outputStride"])
    expected = {k for k in net.state_dict() if not k.endswith("num_batches_tracked")}
    assert set(tensors) == expected, sorted(set(tensors) ^ expected)
    net.load_state_dict(tensors | {k: v for k, v in net.state_dict().items() if k not in expected}, strict=True)
    net.eval()
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model)
    rng = np.random.default_rng(1)
    worst = 0
    for shape in ((2, 64, 96), (1, 51, 75)):
        n, h, w = shape
        x = rng.normal(0, 50, (n, spec["inputChannels"], h, w)).astype(np.float32)
        with torch.no_grad():
            ours = net(torch.from_numpy(x))["logits"].numpy()
        theirs = session.run(["logits"], {"image": x})[0]
        worst = max(worst, float(np.abs(ours - theirs).max()))
        print(shape, "logits up to", float(np.abs(ours).max()), "differ by", worst)
    sys.exit(worst > 1e-4)


if __name__ == "__main__":
    main(*sys.argv[1:])
