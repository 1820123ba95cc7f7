import type { Value } from '../../graph';
import type { Network } from '../../network';
import { inWords } from '../../networks';
import { alignsCorners } from '../../spec';
import type { TorchWeight } from '../layout';
import { OnnxBuilder } from './builder';
import { encodeOnnx } from './model';
import { addOperation, resize } from './operations';

/** What whoever deploys a network has to know and the graph does not say. */
export interface DeploymentFacts {
  /** Names and colours of the classes, by id; undefined where they are not known. */
  classes: readonly { name: string; color: readonly [number, number, number] }[] | undefined;
  /** How an image becomes the input. */
  preprocessing: Readonly<Record<string, unknown>>;
  version: string;
}

/**
 * A network as an ONNX model for images of any number and size: input `image` [N,channels,H,W], normalised as the metadata
 * says; outputs `logits` [N,classes,h,w] as the network gives them, and `classes` uint8 [N,H,W], the most probable class
 * of each pixel. Auxiliary heads, which take part in training only, stay behind.
 * @param weight a weight of the network by PyTorch name
 */
export function exportOnnx(
  network: Network,
  weight: (name: string) => TorchWeight,
  { classes, preprocessing, version }: DeploymentFacts,
): Uint8Array {
  const { spec, values, outputs } = network;
  const onnx = new OnnxBuilder();
  const addWeight = (name: string) => {
    const { shape, values: numbers } = weight(name);
    return onnx.weight(name, shape, numbers);
  };
  const needed = neededFor(outputs.logits);
  const names = new Map<Value, string>();
  for (const value of values) {
    if (!needed.has(value)) continue;
    const inputs = value.inputs.map((input) => names.get(input)!);
    names.set(
      value,
      value.operation.kind === 'input' ? 'image' : addOperation(onnx, value, inputs, addWeight),
    );
  }
  const logits = onnx.node('Identity', [names.get(outputs.logits)!], {}, 'logits');
  const whole = resize(onnx, logits, 'image', { method: 'bilinear', alignCorners: alignsCorners(spec) });
  const ids = onnx.node('ArgMax', [whole], { axis: 1, keepdims: 0 });
  // 2: uint8, in which index pictures are kept as well.
  onnx.node('Cast', [ids], { to: 2 }, 'classes');

  return encodeOnnx({
    name: `${spec.model}-${spec.backbone}`,
    about: `Semantic segmentation: ${inWords(spec)}.`,
    nodes: onnx.nodes,
    constants: onnx.constants,
    inputs: [
      {
        name: 'image',
        type: 'float32',
        shape: ['batch', spec.inputChannels, 'height', 'width'],
        about: 'Images, prepared as the metadata entry "preprocessing" says.',
      },
    ],
    outputs: [
      {
        name: 'logits',
        type: 'float32',
        shape: ['batch', spec.classes, 'logits_height', 'logits_width'],
        about: `Scores at 1/${spec.outputStride} of the size.`,
      },
      {
        name: 'classes',
        type: 'uint8',
        shape: ['batch', 'height', 'width'],
        about: 'The class of each pixel: the largest of the scores, resized to the image.',
      },
    ],
    metadata: {
      segmenter: JSON.stringify(spec),
      preprocessing: JSON.stringify(preprocessing),
      ...(classes && {
        classes: JSON.stringify(classes.map(({ name }) => name)),
        palette: JSON.stringify(classes.map(({ color }) => color)),
      }),
    },
    producer: { name: 'Distillation Studio', version },
  });
}

/** A value and everything on the way to it. */
function neededFor(value: Value): Set<Value> {
  const needed = new Set<Value>();
  const need = (v: Value) => {
    if (needed.has(v)) return;
    needed.add(v);
    v.inputs.forEach(need);
  };
  need(value);
  return needed;
}
