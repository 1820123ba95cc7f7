import { RandomStream } from '../../engine/random';
import { DistillError } from '../../protocol/errors';
import { describeNetwork, inWords } from '../networks';
import type { SegmenterSpec } from '../spec';
import { type TorchWeight, torchShape, toTorch } from './layout';
import { type Filling, type ImportReport, matchWeights } from './match';
import { encodeSafetensors, float32Tensor } from './safetensors';
import { specMetadata } from './spec-metadata';
import { weightTargets } from './targets';
import type { WeightFile } from './weight-file';

/** What a file has for a network. */
export interface Conversion {
  report: ImportReport;
  /** Every weight of the network is there. */
  whole: boolean;
  /** The weights that are there, by our names. Reads them. Errors: checkpoint-broken, io. */
  weights(): Map<string, TorchWeight>;
  /** The same as a safetensors file, with texts for its metadata. */
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
  const weights = () => torchWeights(fillings);
  return {
    ...{ report, whole, weights },
    encode: (metadata = {}) =>
      encodeSafetensors({
        tensors: new Map(
          [...weights()].map(([name, { shape, values }]) => [name, float32Tensor(shape, values)]),
        ),
        // A part of a network must not say that it is one.
        metadata: { ...(whole ? specMetadata(spec) : { format: 'pt' }), ...metadata },
      }),
  };
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

function torchWeights(fillings: readonly Filling[]): Map<string, TorchWeight> {
  // What a filling keeps of a weight is the input channel that no file has: N(0, 0.1^2), as a fresh network draws it.
  const random = RandomStream.seeded(1, 'import');
  return new Map(
    fillings.map(({ target, values }) => {
      const size = target.shape.reduce((a, b) => a * b, 1);
      const filled = values(() => Float32Array.from({ length: size }, () => 0.1 * random.normal()));
      return [target.name, { shape: torchShape(target), values: toTorch(filled, target) }];
    }),
  );
}
