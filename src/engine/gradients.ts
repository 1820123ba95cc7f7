import type { NamedTensorMap, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from './engine';

interface TapeNode {
  inputs: Record<string, Tensor>;
  outputs: Tensor[];
  saved: Tensor[] | null;
  gradient?: (dys: Tensor[]) => Record<string, () => Tensor>;
}

/** What tf.variableGrads is made of; private in the type declarations. */
interface TapeEngine {
  startTape(): void;
  endTape(): void;
  state: { activeTape: TapeNode[] | null; gradientDepth: number };
}

/**
 * `tf.variableGrads`, but what was kept for the backward pass and the gradients of intermediate values are freed as the
 * pass goes: it holds a falling instead of a rising number of maps. Gradients by variable name, none for variables that
 * `f` does not depend on; value and gradients belong to the caller's scope. Not to be nested in another gradient.
 */
export function variableGradients(
  tf: Tf,
  f: () => Scalar,
  variables: readonly Variable[],
): { value: Scalar; grads: NamedTensorMap } {
  const engine = tf.engine() as unknown as TapeEngine;
  let value: Scalar;
  engine.startTape();
  try {
    value = tf.tidy(f);
  } finally {
    engine.endTape();
  }
  const tape = engine.state.activeTape!;
  engine.state.activeTape = null;
  try {
    const found = backward(tf, tape, value, variables);
    const grads = Object.fromEntries(
      variables.flatMap((v) => (found.has(v.id) ? [[v.name, found.get(v.id)!]] : [])),
    );
    return { value, grads };
  } finally {
    tape.forEach(release);
  }
}

function backward(
  tf: Tf,
  tape: readonly TapeNode[],
  value: Scalar,
  variables: readonly Variable[],
): Map<number, Tensor> {
  const ends = new Set(variables.map(({ id }) => id));
  const reached = reachableFrom(tape, ends);
  const gradients = new Map<number, Tensor>([[value.id, tf.onesLike(value)]]);
  for (const node of [...tape].reverse()) {
    const dys = node.outputs.map(({ id }) => gradients.get(id));
    if (dys.some(Boolean) && node.gradient) propagate(tf, node, dys, reached, gradients);
    for (const { id } of node.outputs) {
      if (ends.has(id)) continue;
      gradients.get(id)?.dispose();
      gradients.delete(id);
    }
    release(node);
  }
  return gradients;
}

/** Adds the gradients of a node's inputs to those that are there. */
function propagate(
  tf: Tf,
  node: TapeNode,
  dys: ReadonlyArray<Tensor | undefined>,
  reached: ReadonlySet<number>,
  gradients: Map<number, Tensor>,
): void {
  const wanted = Object.entries(node.inputs).filter(([, { id }]) => reached.has(id));
  if (wanted.length === 0) return;
  const given = new Set(dys);
  const found = tf.tidy(() => {
    // A missing one is filled with zeros by TensorFlow.js.
    const functions = node.gradient!(dys as Tensor[]);
    return wanted.map(([name]) => {
      const dx = functions[name]!();
      // One that is handed on as it is would be freed with what it was given for.
      if (given.has(dx)) return dx.clone();
      given.add(dx);
      return dx;
    });
  });
  wanted.forEach(([, { id }], i) => {
    const before = gradients.get(id);
    const dx = found[i]!;
    gradients.set(id, before ? tf.add(before, dx) : dx);
    if (before) tf.dispose([before, dx]);
  });
}

/** Ids of all tensors that depend on the given ones, and these. */
function reachableFrom(tape: readonly TapeNode[], ids: ReadonlySet<number>): Set<number> {
  const reached = new Set(ids);
  for (const { inputs, outputs } of tape)
    if (Object.values(inputs).some(({ id }) => reached.has(id)))
      for (const { id } of outputs) reached.add(id);
  return reached;
}

function release(node: TapeNode): void {
  for (const tensor of node.saved ?? []) tensor.dispose();
  node.saved = null;
}
