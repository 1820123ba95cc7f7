import type { Value } from './graph';
import type { BatchNormOperation, ConvOperation } from './operations';

/**
 * Operations that engines compute in one go: a batch norm with the convolution before it and the addition and the ReLU
 * after it, as far as they are there and nobody else needs what lies between.
 */
export interface Block {
  conv: ConvOperation | null;
  norm: BatchNormOperation;
  relu: boolean;
  /** Of the convolution (or the norm), then of the addition. */
  inputs: readonly Value[];
}

export interface Blocks {
  /** By the last operation of each: that is where it is computed. */
  byLast: ReadonlyMap<Value, Block>;
  /** Values that exist inside of a block only. */
  inner: ReadonlySet<Value>;
}

/**
 * Finds the blocks of what is computed.
 * @param values in the order of computation
 * @param uses how often each is needed
 */
export function findBlocks(values: readonly Value[], uses: ReadonlyMap<Value, number>): Blocks {
  const byLast = new Map<Value, Block>();
  const inner = new Set<Value>();
  const followers = onlyFollowers(values, uses);
  for (const value of values) {
    const { operation } = value;
    if (operation.kind !== 'batchNorm' || !uses.has(value)) continue;
    const before = value.inputs[0]!;
    const conv =
      before.operation.kind === 'conv' && !before.operation.bias && uses.get(before) === 1
        ? before.operation
        : null;
    if (conv) inner.add(before);
    const inputs = [conv ? before.inputs[0]! : before];
    let last = value;
    const extend = (next: Value) => {
      inner.add(last);
      last = next;
    };
    const sum = followers.get(last);
    // Where two norms are added, the second one is a summand of the first one's block.
    if (sum?.operation.kind === 'add' && sum.inputs.length === 2 && !sum.inputs.some((x) => inner.has(x))) {
      inputs.push(sum.inputs.find((x) => x !== value)!);
      extend(sum);
    }
    const rectified = followers.get(last);
    const relu = rectified?.operation.kind === 'relu';
    if (relu) extend(rectified);
    byLast.set(last, { conv, norm: operation, relu, inputs });
  }
  return { byLast, inner };
}

/** By value that one operation alone needs, once: that operation's value. */
function onlyFollowers(values: readonly Value[], uses: ReadonlyMap<Value, number>): Map<Value, Value> {
  const followers = new Map<Value, Value>();
  for (const value of values)
    if (uses.has(value))
      for (const input of value.inputs) if (uses.get(input) === 1) followers.set(input, value);
  return followers;
}
