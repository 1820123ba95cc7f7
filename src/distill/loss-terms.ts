import type { Scalar } from '@tensorflow/tfjs-core';
import { reduceMap } from './losses/reduce-map';
import type { LossTerm, MethodInstance, StepContext, TaskHead, TaskTerm, ViewOutputs } from './method';
import { detailTerms, reduceTaskMap } from './task-loss';

/**
 * All weighted terms of a step's loss by id, in a fixed order: the task loss of every view (main, and auxiliary heads
 * times the weight a method or `training.auxWeight` gives, or as published for the network), detail heads, then what the methods add. Terms of the
 * same id add up.
 */
export function lossTerms(
  ctx: StepContext,
  outputs: ViewOutputs[],
  methods: readonly MethodInstance[],
): Map<string, Scalar> {
  const { tf } = ctx.engine;
  let auxWeight: number | undefined;
  for (const method of methods) auxWeight ??= method.auxWeight?.(ctx.stage);
  auxWeight ??= ctx.config.training.auxWeight;
  const terms: LossTerm[] = [
    ...outputs.flatMap((view) => taskTerms(view, auxWeight)),
    ...detailTerms(ctx, outputs),
    ...methods.flatMap((method) => method.losses?.(ctx, outputs) ?? []),
  ];
  const byId = new Map<string, Scalar>();
  for (const term of terms) {
    const value = tf.mul<Scalar>(
      term.kind === 'task' ? reduceTask(ctx, term, methods) : term.value,
      term.weight,
    );
    const before = byId.get(term.id);
    byId.set(term.id, before ? tf.add<Scalar>(before, value) : value);
  }
  return byId;
}

function taskTerms(outputs: ViewOutputs, auxWeight: number | undefined): TaskTerm[] {
  const term = (id: string, head: TaskHead, weight: number): TaskTerm => ({
    ...{ id, head, weight, outputs },
    kind: 'task',
  });
  return [
    term('task', outputs.main, outputs.main.weight),
    ...outputs.aux.map((head) => term(`task.${head.name}`, head, auxWeight ?? head.weight)),
  ];
}

/** As the network's task loss has it, unless a method weights this term. */
function reduceTask(ctx: StepContext, term: TaskTerm, methods: readonly MethodInstance[]): Scalar {
  const { engine, labels } = ctx;
  for (const method of methods) {
    const maps = method.weightMaps?.(ctx, term);
    if (maps)
      return engine.tf.addN(
        maps.map(({ weights, reduction, share }) =>
          engine.tf.mul<Scalar>(reduceMap(engine, term.head.taskMap, labels, reduction, weights), share),
        ),
      ) as Scalar;
  }
  return reduceTaskMap(ctx, term.head.taskMap);
}
