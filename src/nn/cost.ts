import type { Value } from './graph';
import type { Network } from './network';
import { describeNetwork, resolveSpec, type SegmenterChoice } from './networks';
import { type Operation, outputSize, type Size, weightShapes, windows } from './operations';
import type { SegmenterSpec } from './spec';

/** Images a network is described for. */
export interface InputSize extends Size {
  batch: number;
}

/** What one operation of a network costs. */
export interface LayerCost {
  /** Its weights' name; operations without weights have that of the module whose layer is before them. */
  name: string;
  kind: Operation['kind'];
  /** For people: `conv 3x3, stride 2, dilation 4`. */
  label: string;
  /** [N,h,w,C] */
  output: [number, number, number, number];
  /** Trainable ones, as the papers count them. */
  parameters: number;
  /** Multiplications of the whole batch that are added up. */
  multiplyAdds: number;
  /** The same as counted in the tables of CIRKD, LAD and RDD; 0 for what these do not count. */
  publishedMultiplyAdds: number;
  /** Bytes that a training step keeps of it until its gradient has been computed. */
  activationBytes: number;
}

export interface NetworkCost {
  spec: SegmenterSpec;
  input: InputSize;
  layers: LayerCost[];
  totals: {
    parameters: number;
    multiplyAdds: number;
    publishedMultiplyAdds: number;
    /** Of the forward pass of a training step; gradients, the loss and weights come on top. */
    activationBytes: number;
  };
}

/**
 * Layers, parameters, multiply-adds and activation memory of a segmenter: pure arithmetic on the description from which the
 * network is built, without an engine. Auxiliary heads are included, as in the published counts.
 * Errors: config-invalid for a network that cannot be built.
 */
export function describeSegmenter(choice: SegmenterChoice, input: InputSize): NetworkCost {
  const network = describeNetwork(resolveSpec(choice));
  const sizes = new Map<Value, Size>();
  const layers = partsOf(network).map(({ value, kept, name, kind, label, parameters }): LayerCost => {
    const { operation, inputs, channels } = value;
    const inputSizes = inputs.map((x) => sizes.get(x)!);
    const size = operation.kind === 'input' ? input : outputSize(operation, inputSizes);
    sizes.set(value, size);
    const { height, width } = size;
    const maps = input.batch * channels;
    return {
      name,
      kind,
      label,
      output: [input.batch, height, width, channels],
      parameters,
      multiplyAdds: input.batch * multiplyAdds(value, size, inputSizes),
      publishedMultiplyAdds: input.batch * publishedMultiplyAdds(value, inputSizes),
      activationBytes:
        4 * ((kept ? maps * height * width : 0) + maps * copiedPixels(operation, size, inputSizes)),
    };
  });
  const sum = (of: (layer: LayerCost) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  return {
    spec: network.spec,
    input,
    layers,
    totals: {
      parameters: sum((l) => l.parameters),
      multiplyAdds: sum((l) => l.multiplyAdds),
      publishedMultiplyAdds: sum((l) => l.publishedMultiplyAdds),
      activationBytes: sum((l) => l.activationBytes),
    },
  };
}

/** What is known of a layer whatever the size of the input. */
type Part = Pick<LayerCost, 'name' | 'kind' | 'label' | 'parameters'> & { value: Value; kept: boolean };

/** An editor asks for one network in many sizes, to find one that fits. */
const known = new WeakMap<Network, readonly Part[]>();

function partsOf(network: Network): readonly Part[] {
  let parts = known.get(network);
  if (!parts) {
    parts = takeApart(network);
    known.set(network, parts);
  }
  return parts;
}

function takeApart({ values, outputs }: Network): Part[] {
  const kept = keptForGradients(values, [
    outputs.logits,
    outputs.features,
    ...outputs.aux.map((a) => a.logits),
  ]);
  let module = 'input';
  return values.map((value) => {
    const { operation } = value;
    if ('name' in operation) module = operation.name.split('.').slice(0, -1).join('.');
    return {
      value,
      kept: kept.has(value),
      name: 'name' in operation ? operation.name : module,
      kind: operation.kind,
      label: labelOf(operation),
      parameters: parametersOf(value),
    };
  });
}

function labelOf(operation: Operation): string {
  switch (operation.kind) {
    case 'conv': {
      const { kernel, stride, dilation, depthwise } = operation;
      return [
        `${depthwise ? 'depthwise' : 'conv'} ${kernel}x${kernel}`,
        ...(stride === 1 ? [] : [`stride ${stride}`]),
        ...(dilation === 1 ? [] : [`dilation ${dilation}`]),
      ].join(', ');
    }
    case 'maxPool':
    case 'avgPool':
      return `${operation.kind === 'maxPool' ? 'max' : 'average'} pool ${operation.size}x${operation.size}, stride ${operation.stride}`;
    case 'adaptivePool':
      return `pool to ${operation.bins}x${operation.bins}`;
    case 'resize':
      return `resize, ${operation.method}`;
    case 'upsample':
      return `upsample x${operation.factor}`;
    case 'batchNorm':
      return 'batch norm';
    case 'matMul':
      return 'matrix product';
    default:
      return operation.kind;
  }
}

/** Trainable parameters of a value's operation. */
export function parametersOf({ operation, inputs, channels }: Value): number {
  return weightShapes(operation, inputs[0]?.channels ?? 0, channels)
    .filter(({ trainable }) => trainable)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/** Of one image. */
function multiplyAdds(
  { operation, inputs, channels }: Value,
  { height, width }: Size,
  [first]: readonly Size[],
): number {
  if (operation.kind === 'matMul') {
    const summands = operation.transpose === 'first' ? first!.height * first!.width : inputs[0]!.channels;
    return height * width * channels * summands;
  }
  if (operation.kind !== 'conv') return 0;
  const { kernel, depthwise } = operation;
  return height * width * kernel ** 2 * channels * (depthwise ? 1 : inputs[0]!.channels);
}

/** CIRKD's counter (utils/flops.py) leaves the dilation out of the size of the output and so counts pixels of padding. */
function publishedMultiplyAdds(value: Value, inputs: readonly Size[]): number {
  const { operation } = value;
  if (operation.kind !== 'conv') return 0;
  const { kernel, stride, padding } = operation;
  return multiplyAdds(value, windows(inputs[0]!, kernel, stride, padding), inputs);
}

/**
 * Which values the tape keeps. Batch norm, convolutions, sums and concatenations want to see their inputs again, ReLU and
 * pooling their own result; so what a batch norm hands to a ReLU is free once that has run (run-graph.ts frees it).
 */
function keptForGradients(values: readonly Value[], outputs: readonly Value[]): ReadonlySet<Value> {
  const kept = new Set(outputs);
  for (const value of values)
    switch (value.operation.kind) {
      case 'relu':
      case 'sigmoid':
      case 'softmax':
      case 'maxPool':
        kept.add(value);
        break;
      case 'conv':
      case 'batchNorm':
      case 'relu6':
      case 'add':
      case 'multiply':
      case 'scale':
      case 'matMul':
      case 'concat':
      case 'dropout':
        for (const input of value.inputs) kept.add(input);
        break;
      case 'input':
      case 'avgPool':
      case 'adaptivePool':
      case 'resize':
      case 'upsample':
        break;
      default:
        value.operation satisfies never;
    }
  return kept;
}

/** Pixels per map of copies that are kept beside a value. */
function copiedPixels(operation: Operation, { height, width }: Size, [input]: readonly Size[]): number {
  if (operation.kind === 'dropout') return operation.channels ? 1 : height * width;
  if (operation.kind !== 'maxPool') return 0;
  // Of the padded input.
  return (input!.height + 2 * operation.padding) * (input!.width + 2 * operation.padding);
}
