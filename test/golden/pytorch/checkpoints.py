"""Small checkpoints as PyTorch writes them, in both formats, for test/unit/nn/weights.

    pip install torch
    python test/golden/pytorch/checkpoints.py

Writes checkpoints/*.pth beside this file and checkpoints.json: for every tensor its shape, its type and values in row-major order.
Values are formulas of the index, so that a reader that mixes up order, strides or offsets is found out.
"""

import argparse
import collections
import json
import pathlib

import numpy
import torch

HERE = pathlib.Path(__file__).parent
OUT = HERE / "checkpoints"


def wave(*shape, a=0.37, dtype=torch.float32):
    n = 1
    for s in shape:
        n *= s
    return torch.sin(a * torch.arange(n, dtype=torch.float64)).reshape(shape).to(dtype)


def types():
    """Every type a state dict may have, and none that a weight cannot have but for counters."""
    return collections.OrderedDict(
        float32=wave(2, 3),
        float16=wave(4, a=0.5, dtype=torch.float16),
        bfloat16=wave(5, a=0.7, dtype=torch.bfloat16),
        float64=wave(3, a=0.9, dtype=torch.float64),
        int64=torch.tensor(12345678901, dtype=torch.int64),
        boolean=torch.tensor([True, False, True]),
        scalar=torch.tensor(0.25),
        empty=torch.zeros(0, 4),
    )


def views():
    """Tensors that are views: transposed, cut out, with a step, sharing one storage."""
    base = wave(4, 6)
    shared = wave(10)
    return {
        "transposed": base.t(),
        "channels_last": wave(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
        "rows": base[1:3],
        "columns": base[:, 2:5],
        "step": base[::2, ::3],
        "first": shared[:4],
        "second": shared[4:],
        "whole": shared,
    }


def network():
    """A module with a batch norm: parameters, running statistics and a counter, under names of DataParallel."""
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Conv2d(4, 4, 3, groups=4))
    net(torch.sin(torch.arange(2 * 3 * 8 * 8).reshape(2, 3, 8, 8).float()))
    return net


def training():
    """What a training script saves: the weights, an optimiser that has made a step, scores of NumPy, the command line."""
    net = network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.ones(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    return {
        "epoch": 7,
        "best": numpy.float64(0.75),
        "args": argparse.Namespace(lr=0.1, model="small"),
        "meta": {"CLASSES": ("road", "sky"), "PALETTE": [[1, 2, 3]], "time": "yesterday", "size": torch.Size([1, 2])},
        "state_dict": collections.OrderedDict(("module." + k, v) for k, v in net.state_dict().items()),
        "optimizer": optimizer.state_dict(),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
    }


def backbone():
    """The first convolution of a torchvision ResNet and its classifier, quartered: what an ImageNet file begins and ends with."""
    return collections.OrderedDict(
        [
            ("conv1.weight", wave(4, 3, 7, 7, a=0.11)),
            ("bn1.running_mean", wave(4, a=0.2)),
            ("bn1.running_var", wave(4, a=0.3).abs() + 0.5),
            ("bn1.weight", torch.nn.Parameter(wave(4, a=0.4))),
            ("bn1.bias", torch.nn.Parameter(wave(4, a=0.5))),
            ("fc.weight", wave(10, 8)),
            ("fc.bias", wave(10)),
        ]
    )


def two_tables():
    return {"generator": {"w": wave(2)}, "discriminator": {"w": wave(3)}}


def values(table):
    return {
        name: {
            "shape": list(t.shape),
            "dtype": str(t.dtype).removeprefix("torch."),
            "values": t.detach().to(torch.float64).reshape(-1).tolist(),
        }
        for name, t in table.items()
    }


def main():
    OUT.mkdir(exist_ok=True)
    cases = {
        "types": types(),
        "views": views(),
        "training": training(),
        "backbone": backbone(),
        "two-tables": two_tables(),
    }
    expected = {"torch": torch.__version__}
    for name, saved in cases.items():
        torch.save(saved, OUT / f"{name}.pth")
        torch.save(saved, OUT / f"{name}-legacy.pth", _use_new_zipfile_serialization=False)
        table = saved.get("state_dict", saved)
        if name != "two-tables":
            expected[name] = values(table)
    torch.save(types(), OUT / "protocol4.pth", pickle_protocol=4)
    script = torch.jit.script(torch.nn.Linear(2, 2))
    torch.jit.save(script, OUT / "torchscript.pt")
    (HERE / "checkpoints.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
