import { BACKBONES, type BackboneName, MODELS, type ModelName } from '../protocol/networks';
import { describeSegmenter, type NetworkCost } from './cost';
import { backbones, models } from './networks';

/** A count for people: `13.6 M`, `517.5 G`, `576`. */
export function count(n: number): string {
  // 999.96 M would be printed as 1000.0 M.
  for (const [unit, size] of [
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (n >= 0.99995 * size) return `${(n / size).toFixed(1)} ${unit}`;
  return String(n);
}

/** Memory for people: `436 MiB`, `2.5 GiB`. */
export function memory(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  if (mebibytes >= 1023.5) return `${(mebibytes / 1024).toFixed(1)} GiB`;
  return mebibytes >= 9.95 ? `${Math.round(mebibytes)} MiB` : `${mebibytes.toFixed(1)} MiB`;
}

/** Parameters, multiply-adds by both formulas and activation memory, as sentences. */
export function totalsText({ totals, input }: NetworkCost): string[] {
  const { batch, height, width } = input;
  const images = `${batch === 1 ? 'one image' : `${batch} images`} of ${height} x ${width}`;
  return [
    `${totals.parameters.toLocaleString('en')} parameters`,
    `${count(totals.multiplyAdds)} multiply-adds for ${images}; ${count(totals.publishedMultiplyAdds)} by the formula of the published tables, which leaves out dilation`,
    `${memory(totals.activationBytes)} of activations in a training step with ${images}, in 32-bit floating point`,
  ];
}

/** What completion says of each model and backbone: what it is, what it costs. */
export function choiceTexts(): { model: string[]; backbone: string[] } {
  return {
    model: MODELS.map((model) => `${models[model].summary} ${costs(model, models[model].backbones)}`),
    backbone: BACKBONES.map((backbone) => {
      const model = MODELS.find((name) => models[name].backbones.includes(backbone))!;
      return `${backbones[backbone].summary} ${costs(model, [backbone])}`;
    }),
  };
}

const SHOWN = { classes: 19, inputChannels: 3, width: 1 };
const SIZE = { batch: 1, height: 512, width: 512 };

function costs(model: ModelName, on: readonly BackboneName[]): string {
  const each = on.map((backbone) => {
    const { totals } = describeSegmenter({ model, backbone, ...SHOWN }, SIZE);
    return `${model}-${backbone} ${count(totals.parameters)} parameters, ${count(totals.multiplyAdds)} multiply-adds (${count(totals.publishedMultiplyAdds)})`;
  });
  return `At ${SIZE.height} x ${SIZE.width}, in brackets by the formula of the published tables: ${each.join('; ')}.`;
}
