"""The PyTorch side of `npm run bench`: a process that computes only when asked, by a line of JSON on its standard input,
and answers with one on its standard output. Times are taken here, around the work alone.
"""

import json
import platform
import resource
import sys
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from workloads import MEMORY_FORMATS, WORKLOADS, Setting

workloads = {}


def versions(_):
    return {"torch": torch.__version__, "python": platform.python_version(), "threads": torch.get_num_threads()}


def prepare(request):
    """One workload per memory format."""
    for layout in request["layouts"]:
        setting = Setting(request["folder"], request["options"], MEMORY_FORMATS[layout])
        workloads[layout] = WORKLOADS[request["workload"]](setting)
    return {}


def check(request):
    """Values of the first steps from the given weights, without dropout, and the flop of one of them."""
    workload = workloads[request["layout"]]
    if hasattr(workload, "figures"):
        with FlopCounterMode(display=False) as counter:
            figures = workload.figures()
        return {"steps": [figures], "flop": counter.get_total_flops()}
    workload.without_dropout()
    with FlopCounterMode(display=False) as counter:
        first = workload.step()
    steps = [first, *(workload.step() for _ in range(request["steps"] - 1))]
    workload.with_dropout()
    names = ["loss", *workload.names]
    return {"steps": [dict(zip(names, values)) for values in steps], "flop": counter.get_total_flops()}


def step(request):
    workload = workloads[request["layout"]]
    began = time.perf_counter()
    workload.step()
    return {"ms": 1000 * (time.perf_counter() - began)}


def profile(request):
    """What a step spends in which operation, without what that one calls; the mean of some steps."""
    workload, steps = workloads[request["layout"]], request["steps"]
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        began = time.perf_counter()
        for _ in range(steps):
            workload.step()
        ms = 1000 * (time.perf_counter() - began) / steps
    operations = [
        {"name": event.key, "calls": event.count / steps, "ms": event.self_cpu_time_total / 1000 / steps}
        for event in profiler.key_averages()
        if event.key.startswith("aten::")
    ]
    return {"ms": ms, "operations": sorted(operations, key=lambda o: -o["ms"])}


def memory(_):
    """The most memory this process has had in use, MiB. (Linux counts in KiB, macOS in bytes.)"""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"mib": peak / 1024 / (1024 if sys.platform == "darwin" else 1)}


def sgemm(request):
    """What the processor's multipliers give: a square float32 matrix product, 10^9 flop per second."""
    n = request["size"]
    a, b = torch.rand(n, n), torch.rand(n, n)
    began = time.perf_counter()
    torch.mm(a, b)
    return {"rate": 2 * n**3 / (time.perf_counter() - began) / 1e9}


REQUESTS = {f.__name__: f for f in (versions, prepare, check, step, profile, memory, sgemm)}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = REQUESTS[request["do"]](request)
        except Exception as error:  # the other end decides what an error means
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
