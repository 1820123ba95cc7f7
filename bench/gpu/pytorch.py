"""The PyTorch side of bench/gpu.sh: the workloads of bench/pytorch on a GPU. Asked by lines of JSON like main.py there;
`python pytorch.py FOLDER DEVICE`, FOLDER holding workloads.py, DEVICE cuda or (to try the script itself) cpu.
"""

import json
import platform
import sys
import time

import torch

sys.path.insert(0, sys.argv[1])
import safetensors  # noqa: E402

DEVICE = sys.argv[2]
GPU = DEVICE == "cuda"
MIB = 2**20

read_to_host = safetensors.read


def read(path):
    with torch.device("cpu"):
        return {name: tensor.to(DEVICE) for name, tensor in read_to_host(path).items()}


# The workloads are written for the CPU: what they make and read goes to the device by default.
safetensors.read = read
torch.set_default_device(DEVICE)
from workloads import MEMORY_FORMATS, WORKLOADS, Setting  # noqa: E402

workloads = {}


def precision(request):
    """`tf32` is what PyTorch does by default: inputs of convolutions rounded to 10 bits of mantissa. Ours never does."""
    torch.backends.cudnn.allow_tf32 = request.get("precision") == "tf32"


def versions(_):
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name() if GPU else "cpu",
        "cuda": torch.version.cuda or "none",
        "cudnn": str(torch.backends.cudnn.version() if GPU else "none"),
    }


def prepare(request):
    for layout in request["layouts"]:
        setting = Setting(request["folder"], request["options"], MEMORY_FORMATS[layout])
        workloads[layout] = WORKLOADS[request["workload"]](setting)
    return {}


def check(request):
    precision(request)
    workload = workloads[request["layout"]]
    if hasattr(workload, "figures"):
        return {"steps": [workload.figures()]}
    workload.without_dropout()
    steps = [workload.step() for _ in range(request["steps"])]
    workload.with_dropout()
    return {"steps": [dict(zip(["loss", *workload.names], values)) for values in steps]}


def step(request):
    """Ends with the values on the host: the GPU is done then."""
    precision(request)
    workload = workloads[request["layout"]]
    began = time.perf_counter()
    workload.step()
    return {"ms": 1000 * (time.perf_counter() - began)}


def memory(_):
    """What PyTorch has taken from the GPU for tensors at most, MiB."""
    return {"mib": torch.cuda.max_memory_reserved() / MIB if GPU else 0}


REQUESTS = {f.__name__: f for f in (versions, prepare, check, step, memory)}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = REQUESTS[request["do"]](request)
    except Exception as error:  # the other end decides what an error means
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
