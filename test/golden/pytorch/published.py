"""Writes published.json beside this file: networks at their published widths, in evaluation and over a step of training.

    python test/golden/pytorch/published.py        (torch 2.13, CPU; takes ten minutes)

The networks are those of the scripts beside this file, whose own fixtures are narrow, for engines that take longer.
"""

import cirkd
import mmseg
import ocrnet
import stdc
from common import run, save

whole = {"classes": 19, "inputChannels": 3, "width": 1, "size": [33, 41]}
CASES = [
    (cirkd, {"model": "deeplabv3", "backbone": "resnet18"}),
    # The most values that could be at a kink: a smaller image has fewer.
    (cirkd, {"model": "deeplabv3", "backbone": "resnet101", "size": [17, 25]}),
    (cirkd, {"model": "pspnet", "backbone": "mobilenetv2"}),
    (mmseg, {"model": "pspnet", "backbone": "resnet50", "style": "mmseg"}),
    (stdc, {"model": "stdc", "backbone": "stdc1", "style": "official", "size": [65, 81]}),
    (stdc, {"model": "stdc", "backbone": "stdc2", "style": "official", "size": [65, 81]}),
    (ocrnet, {"model": "ocrnet", "backbone": "hrnetv2-w18-small", "style": "mmseg"}),
    (ocrnet, {"model": "ocrnet", "backbone": "hrnetv2-w18", "style": "mmseg"}),
    (ocrnet, {"model": "ocrnet", "backbone": "hrnetv2-w48", "style": "mmseg"}),
]
CALM = {stdc: stdc.CALM, ocrnet: ocrnet.CALM}

if __name__ == "__main__":
    calm = lambda script, case: CALM.get(script) or {"calm": cirkd.CALM[case["backbone"]]}
    save(__file__, [run(script.Net, {**whole, **case, **calm(script, case)}) for script, case in CASES])
