import { resolve } from 'node:path';
import { resolveSpec } from '../nn/networks';
import { parseSpec } from '../nn/spec-text';
import { convertWeights } from '../nn/weights/convert';
import { openWeights } from '../nn/weights/open';
import { reportText } from '../nn/weights/report';
import { writeWhole } from '../run/files';
import { type Command, parse, usage } from './command';
import { freePath } from './free-path';

const help = `Reads weights of other programs for a network and tells what fits.

Usage: distill import FILE --as SPEC [options]

FILE is a PyTorch checkpoint (.pth, .pt, .pkl), a .safetensors file or the model.json of TensorFlow.js. Pickles are
read, never executed. Names of CIRKD, mmsegmentation and torchvision are understood.

Options:
  --as SPEC   the network they are for: deeplabv3-resnet101, or pspnet-resnet18:classes=11,style=mmseg
  --out FILE  write what fits as .safetensors; a network that is complete can be a "checkpoint" of a
              configuration, a part of one its "init"
  --force     replace FILE if it is there
  --key KEY   where in a PyTorch checkpoint the weights lie, if not at a usual place: teacher, model.ema
  --all       name every weight, also those that were loaded
  --json      everything that was found as one JSON object, for scripts

Example:
  distill import resnet101-imagenet.pth --as deeplabv3-resnet101 --out backbone.safetensors`;

/** `distill import`. */
export const importFile: Command = {
  summary: 'read weights of PyTorch and others',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      as: { type: 'string' },
      out: { type: 'string' },
      key: { type: 'string' },
      force: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const [file, ...rest] = positionals;
    if (file === undefined) throw usage('Which file?');
    if (rest.length > 0) throw usage(`One file at a time; "${rest[0]}" is one too many.`);
    if (values.as === undefined) throw usage('For which network? Give it with --as.');
    const spec = resolveSpec(parseSpec(values.as));
    const out = values.out === undefined ? undefined : freePath(values.out, values.force);
    const weights = openWeights(resolve(file), { key: values.key });
    try {
      const { report, whole, encode } = convertWeights(weights, spec);
      if (out !== undefined) writeWhole(out, encode());
      if (values.json) console.log(JSON.stringify({ ...report, whole, out }, null, 2));
      else console.log([reportText(report, values.all), '', ending(whole, out)].join('\n'));
    } finally {
      weights.close();
    }
    return 0;
  },
};

function ending(whole: boolean, out: string | undefined): string {
  const what = whole ? 'The network is complete' : 'A part of the network';
  const use = whole ? '"checkpoint"' : '"init"';
  return out === undefined
    ? `${what}. Add --out FILE to keep it, or name the file in a configuration under ${use}.`
    : `${what}, written to ${out}. Name it in a configuration under ${use}.`;
}
