/**
 * What a network is made of, as plain data: no tensors, no engine. The same operations are computed
 * (run-graph.ts), counted (cost.ts) and written into files of other programs. All maps are [N,H,W,C].
 */
export type ConvInit =
  /** Kaiming normal, mode fan_out, gain sqrt(2): backbones everywhere, and every block of mmsegmentation. */
  | 'fan-out'
  /** What PyTorch gives a convolution nobody initialises: uniform in +-1/sqrt(fan_in), weight and bias alike. */
  | 'default'
  /** Kaiming normal, mode fan_in, gain 1: the heads of STDC-Seg. */
  | 'fan-in'
  /** N(0, 0.01^2) and a bias of 0: the classifiers of mmsegmentation (decode_heads/decode_head.py). */
  | 'classifier';

export interface ConvOperation {
  kind: 'conv';
  /** Weights `<name>.weight` and, with `bias`, `<name>.bias`. */
  name: string;
  kernel: number;
  stride: number;
  dilation: number;
  /** Zeros on every side. */
  padding: number;
  /** Each channel by itself (PyTorch: groups = channels). */
  depthwise: boolean;
  bias: boolean;
  init: ConvInit;
  /**
   * Input channels beyond the third, drawn from N(0, 0.1^2) whatever `init` says: how LAD's released code widens the
   * first convolution for the label channel (models/base_models/resnet.py).
   */
  extraInputs: number;
}

export interface BatchNormOperation {
  kind: 'batchNorm';
  /** Weights `<name>.weight`, `.bias`, `.running_mean`, `.running_var`. */
  name: string;
  /** Its weight begins at 0, so that a residual block begins as the identity. */
  zero: boolean;
}

export type Operation =
  /** The normalised images. */
  | { kind: 'input' }
  | ConvOperation
  | BatchNormOperation
  | { kind: 'relu' }
  | { kind: 'relu6' }
  /** Padding counts as minus infinity. */
  | { kind: 'maxPool'; size: number; stride: number; padding: number }
  /** PyTorch's AvgPool2d: the zeros of the padding are averaged too. */
  | { kind: 'avgPool'; size: number; stride: number; padding: number }
  /** PyTorch's AdaptiveAvgPool2d to bins x bins. */
  | { kind: 'adaptivePool'; bins: number }
  /** The first input at the size of the second. */
  | { kind: 'resize'; method: 'bilinear' | 'nearest'; alignCorners: boolean }
  /** Bilinear, half-pixel centres, to `factor` times the size. */
  | { kind: 'upsample'; factor: number }
  /** Of maps of one size; all but the first may be 1x1. */
  | { kind: 'add' }
  /** Of two maps of one size; the second may be 1x1, a gate on channels. */
  | { kind: 'multiply' }
  | { kind: 'scale'; factor: number }
  | { kind: 'sigmoid' }
  /** Over the channels of each position, or over the positions of each channel. */
  | { kind: 'softmax'; over: 'channels' | 'positions' }
  /**
   * Product of two maps, each read as a matrix of positions x channels, one of them transposed or none. With the first
   * transposed the result has the channels of the first for positions, as a map of `height` x 1.
   */
  | { kind: 'matMul'; transpose: 'none' | 'second' }
  | { kind: 'matMul'; transpose: 'first'; height: number }
  | { kind: 'concat' }
  /** Values, or with `channels` whole channels of an image, are 0 with probability `rate`; the others grow to keep the mean. */
  | { kind: 'dropout'; rate: number; channels: boolean };

export interface Size {
  height: number;
  width: number;
}

/** Size of the map an operation gives for the sizes of its inputs; `input` has none. */
export function outputSize(operation: Operation, inputs: readonly Size[]): Size {
  const [first, second] = inputs as [Size, Size];
  switch (operation.kind) {
    case 'conv': {
      const reach = operation.dilation * (operation.kernel - 1) + 1;
      return windows(first, reach, operation.stride, operation.padding);
    }
    case 'maxPool':
    case 'avgPool':
      return windows(first, operation.size, operation.stride, operation.padding);
    case 'adaptivePool':
      return { height: operation.bins, width: operation.bins };
    case 'resize':
      return second;
    case 'upsample':
      return { height: first.height * operation.factor, width: first.width * operation.factor };
    case 'matMul':
      return operation.transpose === 'first' ? { height: operation.height, width: 1 } : first;
    case 'input':
    case 'batchNorm':
    case 'relu':
    case 'relu6':
    case 'add':
    case 'multiply':
    case 'scale':
    case 'sigmoid':
    case 'softmax':
    case 'concat':
    case 'dropout':
      return first;
    default:
      return operation satisfies never;
  }
}

/** How many windows of `reach` pixels fit, along each side. */
export function windows({ height, width }: Size, reach: number, stride: number, padding: number): Size {
  const along = (n: number) => Math.floor((n + 2 * padding - reach) / stride) + 1;
  return { height: along(height), width: along(width) };
}

export interface WeightShape {
  /** PyTorch's name. */
  name: string;
  /** As it lies in memory: convolutions HWIO, depthwise ones [kernel, kernel, channels, 1], everything else [channels]. */
  shape: readonly number[];
  /** false: running statistics of batch norm. */
  trainable: boolean;
  depthwise: boolean;
  /** Values that meet in one output, as PyTorch's initialisers count them. */
  fanIn: number;
}

/** The weights of an operation in PyTorch's order; `from` and `to` are its channels. */
export function weightShapes(operation: Operation, from: number, to: number): WeightShape[] {
  const vector = (name: string, trainable: boolean, fanIn = 1): WeightShape => ({
    ...{ name, shape: [to], trainable, fanIn },
    depthwise: false,
  });
  switch (operation.kind) {
    case 'conv': {
      const { name, kernel, depthwise, bias } = operation;
      const shape = depthwise ? [kernel, kernel, from, 1] : [kernel, kernel, from, to];
      const fanIn = kernel * kernel * (depthwise ? 1 : from);
      const filter = { name: `${name}.weight`, shape, trainable: true, depthwise, fanIn };
      return bias ? [filter, vector(`${name}.bias`, true, fanIn)] : [filter];
    }
    case 'batchNorm': {
      const { name } = operation;
      return [
        vector(`${name}.weight`, true),
        vector(`${name}.bias`, true),
        vector(`${name}.running_mean`, false),
        vector(`${name}.running_var`, false),
      ];
    }
    default:
      return [];
  }
}
