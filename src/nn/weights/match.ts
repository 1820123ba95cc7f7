import { isFloating } from './dtype';
import { torchShape, toTorch } from './layout';
import { chooseNaming, fromTfjsName } from './names';
import type { WeightTarget } from './targets';
import type { StoredTensor, WeightFile, WeightTable } from './weight-file';

/** One line of a report: a weight of the network or of the file, and what was done about it. */
export interface ReportLine {
  name: string;
  /** As PyTorch has it. */
  shape: readonly number[];
  /** Its name in the file, where that is another. */
  from?: string;
  /** Of what is in the file, where the network wants another one. */
  found?: string;
  done: string;
}

/** What became of a file of weights. */
export interface ImportReport {
  file: string;
  format: string;
  /** Where in the file the weights lay: `state_dict`; empty for the whole. */
  table: string;
  /** How names were read, in words; empty where they were ours. */
  names: string;
  loaded: ReportLine[];
  missing: ReportLine[];
  unexpected: ReportLine[];
  otherShape: ReportLine[];
}

/** Values for a weight, in PyTorch's order. */
export interface Filling {
  readonly target: WeightTarget;
  /** @param before values the weight has now, in the same order: what the file does not fill keeps them */
  values(before: () => Float32Array): Float32Array;
}

const KEEPS = 'left at initial values';
/** Counters that PyTorch keeps with each batch norm and nothing here needs. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/** Which tensor of a file fills which weight, and a report of everything. No values are read yet. */
export function matchWeights(
  file: WeightTable,
  targets: readonly WeightTarget[],
): { fillings: Filling[]; report: ImportReport } {
  const wanted = new Set(targets.map(({ name }) => name));
  const torchNames = new Map(
    [...file.tensors.keys()].map((name) => [name, file.layout === 'tf' ? fromTfjsName(name) : name]),
  );
  const naming = chooseNaming([...torchNames.values()], wanted);
  const report: ImportReport = {
    ...{ file: file.where, format: file.format, table: file.table, names: naming.words },
    ...{ loaded: [], missing: [], unexpected: [], otherShape: [] },
  };
  const sources = new Map<string, { name: string; tensor: StoredTensor }>();
  for (const [name, tensor] of file.tensors) {
    const ours = naming.rename(torchNames.get(name)!);
    if (wanted.has(ours) && !sources.has(ours)) sources.set(ours, { name, tensor });
    else
      report.unexpected.push({
        name,
        shape: tensor.shape,
        done: COUNTER.test(name) ? 'not needed: a counter of PyTorch' : 'not used',
      });
  }
  const fillings: Filling[] = [];
  for (const target of targets) {
    const { name } = target;
    const source = sources.get(name);
    const line = {
      name,
      shape: torchShape(target),
      ...(source && source.name !== name ? { from: source.name } : {}),
    };
    if (!source) {
      report.missing.push({ ...line, done: KEEPS });
      continue;
    }
    const fit = fitting(file.layout, target, source.tensor);
    if (fit.exact) report.loaded.push({ ...line, done: 'loaded' });
    else report.otherShape.push({ ...line, found: fit.found, done: fit.done });
    if (fit.values) fillings.push({ target, values: fit.values });
  }
  return { fillings, report };
}

interface Fit {
  exact: boolean;
  found: string;
  done: string;
  values?: Filling['values'];
}

function fitting(layout: WeightFile['layout'], target: WeightTarget, tensor: StoredTensor): Fit {
  const { dtype } = tensor;
  const found = `[${tensor.shape}]`;
  if (!isFloating(dtype)) return { exact: false, found: `${found} of type ${dtype}`, done: KEEPS };
  const wanted = layout === 'tf' ? target.shape : torchShape(target);
  if (`${tensor.shape}` === `${wanted}`) {
    const values = () => (layout === 'tf' ? toTorch(tensor.read(), target) : tensor.read());
    return { exact: true, found, done: 'loaded', values };
  }
  return (layout === 'torch' && otherChannels(target, tensor)) || { exact: false, found, done: KEEPS };
}

/**
 * A first convolution for images with more or fewer channels. LAD's teachers see the label as a fourth one: of the weights of an
 * ordinary network they take the first three, the fourth stays as it was drawn, from N(0, 0.1^2), as the loader of LAD's
 * ResNet-18 has it. The students of LAD's released code have a fourth one as well, which is always 0: without it they
 * compute the same.
 */
function otherChannels(target: WeightTarget, tensor: StoredTensor): Fit | undefined {
  const shape = torchShape(target);
  const [to, wanted, kh, kw] = shape as [number, number, number, number];
  const has = tensor.shape[1];
  const comparable = target.seesImages && has !== undefined && `${[to, has, kh, kw]}` === `${tensor.shape}`;
  if (!comparable || Math.min(has, wanted) !== 3 || Math.abs(has - wanted) !== 1) return undefined;
  const taps = kh * kw;
  return {
    exact: false,
    found: `[${tensor.shape}]`,
    done:
      wanted > has
        ? 'the first 3 input channels are loaded, the fourth is left at its initial values from N(0, 0.1^2)'
        : 'the first 3 input channels are loaded, the fourth is left out, which changes nothing if it was fed zeros',
    values(before) {
      const out = before();
      const read = tensor.read();
      for (let o = 0; o < to; o++)
        out.set(read.subarray(o * has * taps, (o * has + 3) * taps), o * wanted * taps);
      return out;
    },
  };
}
