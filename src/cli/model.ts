import { existsSync } from 'node:fs';
import { describeSegmenter, type InputSize, type NetworkCost } from '../nn/cost';
import { layerRows } from '../nn/cost-rows';
import { count, memory, totalsText } from '../nn/cost-text';
import { inWords, resolveSpec, type SegmenterChoice } from '../nn/networks';
import { parseSpec } from '../nn/spec-text';
import { networksOf } from '../run/configured-networks';
import { loadConfig } from '../run/load-config';
import { type Command, parse, usage } from './command';
import { table } from './format';

const help = `Shows the layers of a network, its parameters, multiply-adds and activation memory.

Usage: distill model SPEC [options]
       distill model CONFIG [options]

SPEC is a network: deeplabv3-resnet101, or with what is not as published
pspnet-resnet18:classes=11,width=0.25,style=mmseg,stem=7x7,outputStride=16,inputChannels=4,auxHead=false.
CONFIG is a configuration; its student and teacher are shown at its crop and batch.

Options:
  --size HxW   size of the images (default: 512x512, or the crop of the configuration)
  --batch N    images at a time (default: 1, or the batch of the configuration)
  --json       one JSON object per network with every operation, for scripts

Multiply-adds are counted twice: as they are, and by the formula of the published tables, which leaves the
dilation out of the size of the output. Activation memory is what a training step keeps of the forward pass.`;

/** `distill model`. */
export const model: Command = {
  summary: 'layers, parameters, multiply-adds and memory of a network',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      size: { type: 'string' },
      batch: { type: 'string' },
      json: { type: 'boolean', default: false },
    });
    const [what, ...rest] = positionals;
    if (what === undefined) throw usage('Which network, or which configuration?');
    if (rest.length > 0) throw usage(`One network at a time; "${rest[0]}" is one too many.`);
    const { networks, input } = described(what);
    const size = { ...input, ...sizeOf(values.size), ...batchOf(values.batch) };
    const costs = networks.map(({ role, choice }) => ({ role, ...describeSegmenter(choice, size) }));
    if (values.json) console.log(JSON.stringify(costs.length === 1 ? costs[0] : costs, null, 2));
    else console.log(costs.map(({ role, ...cost }) => shown(role, cost)).join('\n\n'));
    return 0;
  },
};

interface Described {
  networks: { role: string | undefined; choice: SegmenterChoice }[];
  input: InputSize;
}

function described(what: string): Described {
  if (!existsSync(what) && !/\.(json|yaml)$/.test(what))
    return {
      networks: [{ role: undefined, choice: resolveSpec(parseSpec(what)) }],
      input: { batch: 1, height: 512, width: 512 },
    };
  const { config } = loadConfig(what);
  const [height, width] = config.training.crop;
  return { networks: networksOf(config), input: { batch: config.training.batch, height, width } };
}

function sizeOf(text: string | undefined): Partial<InputSize> {
  if (text === undefined) return {};
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  const [height, width] = [Number(match?.[1]), Number(match?.[2])];
  if (!(height >= 16 && width >= 16))
    throw usage(`"${text}" is no size. Write height x width, both at least 16: 512x1024.`);
  return { height, width };
}

function batchOf(text: string | undefined): Partial<InputSize> {
  if (text === undefined) return {};
  const batch = Number(text);
  if (!Number.isInteger(batch) || batch < 1) throw usage(`"${text}" is no batch: write a number from 1 on.`);
  return { batch };
}

const header = ['layer', '', 'output', 'parameters', 'multiply-adds', 'published', 'activations'];

function shown(role: string | undefined, cost: NetworkCost): string {
  const rows = layerRows(cost).map((row) => [
    row.name,
    row.label,
    row.output.join(' x '),
    row.parameters === 0 ? '' : row.parameters.toLocaleString('en'),
    row.multiplyAdds === 0 ? '' : count(row.multiplyAdds),
    row.publishedMultiplyAdds === 0 ? '' : count(row.publishedMultiplyAdds),
    row.activationBytes === 0 ? '' : memory(row.activationBytes),
  ]);
  const title = `${role ? `${role}: ` : ''}${inWords(cost.spec)}`;
  return [title, '', table(header, rows), '', ...totalsText(cost).map((text) => `${text}.`)].join('\n');
}
