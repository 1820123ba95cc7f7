import type { Value } from '../../graph';
import type { Operation } from '../../operations';
import type { OnnxBuilder } from './builder';

/** PyTorch's default, as in run-graph.ts. */
const BN_EPSILON = 1e-5;

/** Adds a weight of the network to the model and returns its name. */
export type AddWeight = (name: string) => string;

/**
 * Adds the nodes of one operation in evaluation mode. Sizes of images are not known: whatever depends on them is computed in
 * the model.
 * @param inputs names of the values that are its inputs
 * @returns the name of its result
 */
export function addOperation(
  onnx: OnnxBuilder,
  { operation, channels, inputs: from }: Pick<Value, 'operation' | 'channels' | 'inputs'>,
  inputs: readonly string[],
  weight: AddWeight,
): string {
  const [x, second] = inputs as [string, string];
  switch (operation.kind) {
    case 'input':
      throw new RangeError('An input is given, not computed.');
    case 'conv': {
      const { name, kernel, stride, dilation, padding, depthwise, bias } = operation;
      const weights = [weight(`${name}.weight`), ...(bias ? [weight(`${name}.bias`)] : [])];
      return onnx.node('Conv', [x, ...weights], {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        dilations: [dilation, dilation],
        pads: [padding, padding, padding, padding],
        group: depthwise ? from[0]!.channels : 1,
      });
    }
    case 'batchNorm': {
      const parts = ['weight', 'bias', 'running_mean', 'running_var'];
      return onnx.node(
        'BatchNormalization',
        [x, ...parts.map((part) => weight(`${operation.name}.${part}`))],
        {
          epsilon: { float: BN_EPSILON },
        },
      );
    }
    case 'relu':
      return onnx.node('Relu', [x]);
    case 'relu6':
      return onnx.node('Clip', [x, onnx.number(0), onnx.number(6)]);
    case 'maxPool':
      return onnx.node('MaxPool', [x], pooling(operation));
    case 'avgPool':
      return onnx.node('AveragePool', [x], { ...pooling(operation), count_include_pad: 1 });
    case 'adaptivePool':
      return adaptivePool(onnx, x, operation.bins);
    case 'resize':
      return resize(onnx, x, second, operation);
    case 'upsample': {
      const scales = onnx.numbers([1, 1, operation.factor, operation.factor]);
      return onnx.node('Resize', [x, '', scales], {
        mode: 'linear',
        coordinate_transformation_mode: 'half_pixel',
      });
    }
    case 'add':
      return inputs.slice(1).reduce((sum, y) => onnx.node('Add', [sum, y]), x);
    case 'multiply':
      return onnx.node('Mul', [x, second]);
    case 'scale':
      return onnx.node('Mul', [x, onnx.number(operation.factor)]);
    case 'sigmoid':
      return onnx.node('Sigmoid', [x]);
    case 'softmax': {
      if (operation.over === 'channels') return onnx.node('Softmax', [x], { axis: 1 });
      const overPositions = onnx.node('Softmax', [asMatrix(onnx, x)], { axis: 2 });
      return onnx.node('Reshape', [overPositions, onnx.sizes(x, 0, 4)]);
    }
    case 'matMul':
      return matMul(onnx, [x, second], operation, channels);
    case 'concat':
      return onnx.node('Concat', inputs, { axis: 1 });
    case 'dropout':
      // Nothing is dropped when a network is used.
      return x;
    default:
      return operation satisfies never;
  }
}

function pooling({ size, stride, padding }: { size: number; stride: number; padding: number }) {
  return {
    kernel_shape: [size, size],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}

/** Bilinear or nearest, to the height and width of `like`. */
export function resize(
  onnx: OnnxBuilder,
  x: string,
  like: string,
  { method, alignCorners }: Pick<Extract<Operation, { kind: 'resize' }>, 'method' | 'alignCorners'>,
): string {
  const sizes = onnx.node('Concat', [onnx.sizes(x, 0, 2), onnx.sizes(like, 2, 4)], { axis: 0 });
  return onnx.node(
    'Resize',
    [x, '', '', sizes],
    method === 'nearest'
      ? { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
      : { mode: 'linear', coordinate_transformation_mode: alignCorners ? 'align_corners' : 'half_pixel' },
  );
}

/**
 * PyTorch's AdaptiveAvgPool2d, which ONNX has for one bin only. Each bin is a mean of neighbouring rows (and columns), so a matrix of
 * shares turns rows into bins: bins = shares * map * shares transposed.
 */
function adaptivePool(onnx: OnnxBuilder, x: string, bins: number): string {
  if (bins === 1) return onnx.node('GlobalAveragePool', [x]);
  const rows = onnx.node('MatMul', [shares(onnx, x, 2, bins), x]);
  const columns = onnx.node('Transpose', [shares(onnx, x, 3, bins)], { perm: [1, 0] });
  return onnx.node('MatMul', [rows, columns]);
}

/** [bins, n]: the share of each of n positions in each bin; bin i covers floor(i*n/bins) to ceil((i+1)*n/bins). */
function shares(onnx: OnnxBuilder, x: string, axis: number, bins: number): string {
  const n = onnx.node('Squeeze', [onnx.sizes(x, axis, axis + 1), onnx.integers([0])]);
  const column = onnx.integers([1]);
  const numbers = (last: string) => onnx.node('Range', [onnx.integers(0), last, onnx.integers(1)]);
  const index = onnx.node('Unsqueeze', [numbers(onnx.integers(bins)), column]);
  const begin = onnx.node('Div', [onnx.node('Mul', [index, n]), onnx.integers(bins)]);
  const next = onnx.node('Mul', [onnx.node('Add', [index, onnx.integers(1)]), n]);
  const end = onnx.node('Div', [onnx.node('Add', [next, onnx.integers(bins - 1)]), onnx.integers(bins)]);
  const position = numbers(n);
  const inside = onnx.node('And', [
    onnx.node('GreaterOrEqual', [position, begin]),
    onnx.node('Less', [position, end]),
  ]);
  const length = onnx.node('Cast', [onnx.node('Sub', [end, begin])], { to: 1 });
  return onnx.node('Div', [onnx.node('Cast', [inside], { to: 1 }), length]);
}

/** [N,C,H,W] as [N,C,H*W]: the transpose of what the graph calls a matrix of positions x channels. */
function asMatrix(onnx: OnnxBuilder, x: string): string {
  return onnx.node('Reshape', [x, onnx.integers([0, 0, -1])]);
}

/** All matrices lie transposed here, so products are taken the other way round: (A B)^T = B^T A^T. */
function matMul(
  onnx: OnnxBuilder,
  [a, b]: readonly [string, string],
  operation: Extract<Operation, { kind: 'matMul' }>,
  channels: number,
): string {
  const [left, right] = [asMatrix(onnx, b), asMatrix(onnx, a)];
  const transposed = (x: string) => onnx.node('Transpose', [x], { perm: [0, 2, 1] });
  const product = {
    none: () => onnx.node('MatMul', [left, right]),
    second: () => onnx.node('MatMul', [transposed(left), right]),
    first: () => onnx.node('MatMul', [left, transposed(right)]),
  }[operation.transpose]();
  const size = operation.transpose === 'first' ? onnx.integers([operation.height, 1]) : onnx.sizes(a, 2, 4);
  const shape = onnx.node('Concat', [onnx.sizes(a, 0, 1), onnx.integers([channels]), size], { axis: 0 });
  return onnx.node('Reshape', [product, shape]);
}
