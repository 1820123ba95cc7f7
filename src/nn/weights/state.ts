import type { Engine } from '../../engine/engine';
import { DistillError } from '../../protocol/errors';
import { inWords, resolveSpec, type SegmenterChoice } from '../networks';
import type { Segmenter } from '../segmenter';
import type { SegmenterSpec } from '../spec';
import { fromTorch, torchShape, toTorch } from './layout';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  type SafeTensor,
  toFloat32,
} from './safetensors';

/** Where the spec of the network lies in the metadata, as JSON. */
const SPEC_KEY = 'distillation-studio.segmenter';

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
  return encodeSafetensors({
    tensors,
    metadata: { format: 'pt', [SPEC_KEY]: JSON.stringify(segmenter.spec) },
  });
}

/**
 * Fills a segmenter from a file that `exportWeights` or PyTorch wrote. Nothing is changed unless everything fits.
 * `num_batches_tracked`, which PyTorch keeps and nothing here needs, is passed over.
 * @param where file name for error messages
 * @throws DistillError `checkpoint-broken`, or `checkpoint-mismatch` for the weights of another network
 */
export function importWeights(engine: Engine, segmenter: Segmenter, bytes: Uint8Array, where: string): void {
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  checkSpec(metadata[SPEC_KEY], segmenter.spec, where);
  checkTensors(tensors, segmenter, where);
  const { tf } = engine;
  const values = new Map<string, Float32Array>();
  for (const name of segmenter.weights.keys()) values.set(name, toFloat32(name, tensors.get(name)!, where));
  for (const [name, { variable, depthwise }] of segmenter.weights)
    tf.tidy(() => {
      const { shape } = variable;
      const data = fromTorch(values.get(name)!, { shape, depthwise });
      variable.assign(tf.tensor(data, shape) as typeof variable);
    });
}

function parseSpec(json: string, where: string): SegmenterSpec {
  try {
    const choice: unknown = JSON.parse(json);
    if (isChoice(choice)) return resolveSpec(choice);
  } catch {
    // The error below says all there is to say.
  }
  throw new DistillError('checkpoint-broken', 'The description of its network is unreadable.', {
    where,
    remedy: 'Use another checkpoint.',
  });
}

/** Older files have these five fields alone; what is not there is as published. */
function isChoice(value: unknown): value is SegmenterChoice {
  const { model, backbone, classes, inputChannels, width } = (value ?? {}) as Record<string, unknown>;
  return (
    [model, backbone].every((v) => typeof v === 'string') &&
    [classes, inputChannels, width].every((v) => typeof v === 'number')
  );
}

function checkSpec(json: string | undefined, wanted: SegmenterSpec, where: string): void {
  if (json === undefined) return;
  const found = parseSpec(json, where);
  if (inWords(found) === inWords(wanted)) return;
  const inputsOnly = inWords({ ...found, inputChannels: wanted.inputChannels }) === inWords(wanted);
  throw new DistillError(
    'checkpoint-mismatch',
    `The checkpoint is of another network: it holds ${inWords(found)}; asked for is ${inWords(wanted)}.`,
    {
      where,
      remedy: inputsOnly
        ? 'Teachers of LAD have a fourth input channel for the label, other networks have three: use a checkpoint of a network of the same role and method.'
        : 'Use a checkpoint of the network the configuration describes, or change model, backbone, width or dataset to match it.',
    },
  );
}

function checkTensors(tensors: ReadonlyMap<string, SafeTensor>, segmenter: Segmenter, where: string): void {
  const problems: string[] = [];
  const report = (what: string, names: string[]) => {
    if (names.length === 0) return;
    const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
    problems.push(`${what}: ${names.slice(0, 5).join(', ')}${more}.`);
  };
  const missing: string[] = [];
  const reshaped: string[] = [];
  for (const [name, { variable, depthwise }] of segmenter.weights) {
    const tensor = tensors.get(name);
    const shape = torchShape({ shape: variable.shape, depthwise });
    if (!tensor) missing.push(name);
    else if (`${tensor.shape}` !== `${shape}`)
      reshaped.push(`${name} [${tensor.shape}] where [${shape}] is needed`);
  }
  const unexpected = [...tensors.keys()].filter(
    (name) => !segmenter.weights.has(name) && !name.endsWith('.num_batches_tracked'),
  );
  report('Missing', missing);
  report('Unexpected', unexpected);
  report('Of another shape', reshaped);
  if (problems.length === 0) return;
  throw new DistillError(
    'checkpoint-mismatch',
    `The weights do not fit ${inWords(segmenter.spec)}. ${problems.join(' ')}`,
    {
      where,
      remedy:
        'Use a checkpoint of the network the configuration describes; names must be those of CIRKD (pretrained.*, head.*, auxlayer.*).',
    },
  );
}
