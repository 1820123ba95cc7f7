import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ForwardOptions } from '../nn/run-graph';
import type { Segmenter, SegmenterOutput } from '../nn/segmenter';
import { alignsCorners } from '../nn/spec';
import { resizeToLabels } from './losses/cross-entropy';
import type { MethodInstance, StepContext, TaskHead, View, ViewOutputs } from './method';

/** What the network in training and its teacher see of a batch: what a method asks for, else the images as they are. */
export function viewsOf(ctx: StepContext, images: Tensor4D, methods: readonly MethodInstance[]): View[] {
  for (const method of methods) {
    const views = method.views?.(ctx, images);
    if (views) return views;
  }
  const clean: View = { id: 'clean', input: images };
  if (ctx.stage === 'teacher') return [clean];
  for (const method of methods) {
    const teacherInput = method.teacherInput?.(ctx, images);
    if (teacherInput) return [{ ...clean, teacherInput }];
  }
  return [clean];
}

/** The frozen teacher on every view; to be called outside the gradient scope, so that nothing is recorded for it. */
export function teacherPass(teacher: Segmenter | null, views: readonly View[]): (SegmenterOutput | null)[] {
  return views.map((view) =>
    teacher ? teacher.forward(view.teacherInput ?? view.input, { batchNorm: 'frozen', dropout: null }) : null,
  );
}

/** The network on every view, one pass after the other (each normalised by itself), with its task loss per pixel. */
export function viewOutputs(
  ctx: StepContext,
  network: Segmenter,
  views: readonly View[],
  taught: readonly (SegmenterOutput | null)[],
  forward: ForwardOptions,
): ViewOutputs[] {
  const { engine, labels } = ctx;
  const head = (name: string, weight: number, logits: Tensor4D): TaskHead => {
    const upLogits = resizeToLabels(engine, logits, labels, alignsCorners(network.spec));
    return { name, weight, upLogits, taskMap: engine.ops.crossEntropyMap(upLogits, labels) };
  };
  return views.map((view, i) => {
    const output = network.forward(view.input, forward);
    return {
      view,
      output,
      main: head('main', 1, output.logits),
      aux: output.aux.flatMap(({ name, kind, weight, logits }) =>
        kind === 'classes' ? [head(name, weight, logits)] : [],
      ),
      teacher: taught[i] ?? null,
    };
  });
}
