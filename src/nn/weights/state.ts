import type { Engine } from '../../engine/engine';
import type { Segmenter } from '../segmenter';
import { bytesInMemory } from './byte-source';
import { requireSome } from './convert';
import { fromTorch, torchShape, toTorch } from './layout';
import { type ImportReport, matchWeights } from './match';
import { encodeSafetensors, float32Tensor, openSafetensors, type SafeTensor } from './safetensors';
import { checkSpec, specMetadata } from './spec-metadata';
import { weightTargets } from './targets';
import type { WeightFile } from './weight-file';
import { requireWhole } from './whole';

/**
 * All weights and running statistics of a segmenter as a safetensors file in PyTorch's names and layouts: `torch` code can
 * load it with `load_state_dict`.
 */
export function exportWeights(segmenter: Segmenter): Uint8Array {
  const tensors = new Map<string, SafeTensor>();
  for (const [name, { variable, depthwise }] of segmenter.weights) {
    const layout = { shape: variable.shape, depthwise };
    const values = toTorch(variable.dataSync<'float32'>() as Float32Array, layout);
    tensors.set(name, float32Tensor(torchShape(layout), values));
  }
  return encodeSafetensors({ tensors, metadata: specMetadata(segmenter.spec) });
}

/**
 * Fills a segmenter from what `exportWeights` made. Nothing is changed unless everything fits.
 * @param where file name for error messages
 * @throws DistillError `checkpoint-broken`, or `checkpoint-mismatch` for the weights of another network
 */
export function importWeights(engine: Engine, segmenter: Segmenter, bytes: Uint8Array, where: string): void {
  loadWeights(engine, segmenter, openSafetensors(bytesInMemory(bytes, where)), { whole: true });
}

/**
 * Fills a segmenter from a file of any format, and tells what became of it. Only its header has been read before, values
 * come one tensor at a time.
 * @param whole every weight of the network must be there: a trained network. Else what is there is taken and the rest
 * keeps the values it has: a beginning, such as a backbone of ImageNet.
 * @throws DistillError `checkpoint-mismatch` for the weights of another network; then nothing has been changed. io.
 */
export function loadWeights(
  engine: Engine,
  segmenter: Segmenter,
  file: WeightFile,
  { whole }: { whole: boolean },
): ImportReport {
  const { tf } = engine;
  if (whole) checkSpec(file.metadata, segmenter.spec, file.where);
  const { fillings, report } = matchWeights(file, weightTargets(segmenter.network));
  if (whole) requireWhole(report, segmenter.spec);
  else requireSome(report, segmenter.spec);
  for (const { target, values } of fillings) {
    const { variable } = segmenter.weights.get(target.name)!;
    const now = () => toTorch(variable.dataSync<'float32'>() as Float32Array, target);
    const data = fromTorch(values(now), target);
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape) as typeof variable));
  }
  return report;
}
