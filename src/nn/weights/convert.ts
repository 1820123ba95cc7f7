import { RandomStream } from '../../engine/random';
import { DistillError } from '../../protocol/errors';
import { describeNetwork, inWords } from '../networks';
import type { SegmenterSpec } from '../spec';
import { type TorchWeight, torchShape } from './layout';
import { type Filling, type ImportReport, matchWeights } from './match';
import { encodeSafetensors, float32Tensor, type SafeTensor } from './safetensors';
import { specMetadata } from './spec-metadata';
import { weightTargets } from './targets';
import type { WeightFile } from './weight-file';

/** What a file has for a network. */
export interface Conversion {
  report: ImportReport;
  /** Every weight of the network is there. */
  whole: boolean;
  /** Reads a weight that is there, by our name. Errors: checkpoint-broken, io. */
  weight(name: string): TorchWeight;
  /** All that are there as a safetensors file, with texts for its metadata. */
  encode(metadata?: Readonly<Record<string, string>>): Uint8Array;
}

/**
 * Weights of another program for a network of ours, without building it.
 * Errors: checkpoint-mismatch where nothing fits.
 */
export function convertWeights(file: WeightFile, spec: SegmenterSpec): Conversion {
  const { fillings, report } = matchWeights(file, weightTargets(describeNetwork(spec)));
  requireSome(report, spec);
  const whole =
    report.missing.length === 0 && fillings.length === report.loaded.length + report.otherShape.length;
  const byName = new Map(fillings.map((filling) => [filling.target.name, filling]));
  return {
    ...{ report, whole },
    weight(name) {
      const filling = byName.get(name);
      if (!filling) throw new RangeError(`The file has no weight "${name}".`);
      return read(filling);
    },
    encode: (metadata = {}) =>
      encodeSafetensors({
        tensors: new Map(fillings.map((filling) => [filling.target.name, lazily(filling)])),
        // A part of a network must not say that it is one.
        metadata: { ...(whole ? specMetadata(spec) : { format: 'pt' }), ...metadata },
      }),
  };
}

/** A tensor that is read from its file when it is written into another, so that one is in memory at a time. */
function lazily(filling: Filling): SafeTensor {
  return {
    dtype: 'F32',
    shape: torchShape(filling.target),
    get bytes() {
      const { shape, values } = read(filling);
      return float32Tensor(shape, values).bytes;
    },
  };
}

function read({ target, values }: Filling): TorchWeight {
  const shape = torchShape(target);
  // What a filling keeps of a weight is the input channel that no file has: N(0, 0.1^2), as a fresh network draws it.
  const drawn = () => {
    const random = RandomStream.seeded(1, `import/${target.name}`);
    return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.1 * random.normal());
  };
  return { shape, values: values(drawn) };
}

/** Errors: checkpoint-mismatch where nothing was loaded. */
export function requireSome(report: ImportReport, spec: SegmenterSpec): void {
  if (report.loaded.length > 0) return;
  const [first] = report.unexpected;
  throw new DistillError(
    'checkpoint-mismatch',
    `Nothing in it fits ${inWords(spec)}${first ? `; it holds "${first.name}" and the like` : ''}.`,
    { where: report.file, remedy: 'Use weights of the same model or of its backbone.' },
  );
}
