"""Reads a .safetensors file: header length (8 bytes), header (JSON), data. Needs no package."""

import json
import math

import torch

DTYPES = {"F32": torch.float32, "I32": torch.int32, "U8": torch.uint8}


def read(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, _ = entry["data_offsets"]
        count = math.prod(entry["shape"])
        flat = torch.frombuffer(data, dtype=DTYPES[entry["dtype"]], count=count, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors
