import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import type { Batch } from '../data/dataset';
import { variableGradients } from '../engine/gradients';
import type { RandomStream } from '../engine/random';
import type { Segmenter } from '../nn/segmenter';
import { DistillError } from '../protocol/errors';
import { lossTerms } from './loss-terms';
import type { MethodInstance, StepContext } from './method';
import type { Sgd } from './optimizer';
import { teacherPass, viewOutputs, viewsOf } from './views';

export interface StepParts {
  /** The network in training. */
  network: Segmenter;
  /** Frozen; null in a stage without one. */
  teacher: Segmenter | null;
  methods: readonly MethodInstance[];
  optimizer: Sgd;
  /** Of the weights that methods train along, with their learning rate over `lr`. */
  along?: readonly { optimizer: Sgd; lr: number }[];
  lr: number;
  /** Of the network in training; null: without dropout, for comparisons. */
  dropout: RandomStream | null;
  /** What errors call a sample: its file, where there is one. By default its id. */
  nameOf?: (id: string) => string;
}

export interface StepResult {
  loss: number;
  /** Weighted contribution of each term, by id. */
  terms: Record<string, number>;
  /** What methods want watched beside the loss, by id. */
  watched: Record<string, number>;
  /** Of the network in training: one per view. */
  passes: number;
}

/**
 * One optimiser step on a batch: teacher without gradient, network in training, loss, backward pass, update. The values
 * are read back once, after everything has been handed to the engine.
 * Errors: numeric, if a term is not finite. The weights are spoiled then: the caller must not save them.
 */
export async function trainStep(
  context: Omit<StepContext, 'labels' | 'batch'>,
  batch: Batch,
  parts: StepParts,
): Promise<StepResult> {
  const { tf } = context.engine;
  const { network, teacher, methods, optimizer, along = [], lr, dropout, nameOf = (id) => id } = parts;
  const made: { values?: Tensor1D; ids: string[]; passes: number } = { ids: [], passes: 0 };
  const watching: { values?: Tensor1D; ids: string[] } = { ids: [] };
  tf.tidy(() => {
    const images = tf.tensor4d(batch.images, [batch.n, batch.height, batch.width, 3]);
    const labels = tf.tensor3d(batch.labels, [batch.n, batch.height, batch.width], 'int32');
    const ctx: StepContext = { ...context, batch, labels };
    const views = viewsOf(ctx, images, methods);
    const taught = teacherPass(teacher, views);
    const forward = () => {
      const outputs = viewOutputs(ctx, network, views, taught, { batchNorm: 'train', dropout });
      const terms = lossTerms(ctx, outputs, methods);
      const total = tf.addN([...terms.values()]) as Scalar;
      made.ids = [...terms.keys()];
      made.values = tf.keep(tf.stack([total, ...terms.values()]) as Tensor1D);
      return total;
    };
    const trained = [optimizer, ...along.map((group) => group.optimizer)];
    const { grads } = variableGradients(
      tf,
      forward,
      trained.flatMap(({ weights }) => [...weights.values()]),
    );
    optimizer.apply(grads, lr);
    for (const group of along) group.optimizer.apply(grads, lr * group.lr);
    const watched = Object.assign({}, ...methods.map((method) => method.afterStep?.(ctx))) as Record<
      string,
      Scalar
    >;
    watching.ids = Object.keys(watched);
    if (watching.ids.length > 0) watching.values = tf.keep(tf.stack(Object.values(watched)) as Tensor1D);
    made.passes = views.length;
  });
  const [loss, ...values] = await made.values!.data<'float32'>();
  made.values!.dispose();
  const terms = Object.fromEntries(made.ids.map((id, i) => [id, values[i]!]));
  const watchedValues = await watching.values?.data<'float32'>();
  watching.values?.dispose();
  const watched = Object.fromEntries(watching.ids.map((id, i) => [id, watchedValues![i]!]));
  requireFinite({ ...terms, loss: loss!, ...watched }, context, batch.ids.map(nameOf));
  return { loss: loss!, terms, watched, passes: made.passes };
}

function requireFinite(
  values: Record<string, number>,
  { stage, step }: Pick<StepContext, 'stage' | 'step'>,
  samples: readonly string[],
): void {
  for (const [id, value] of Object.entries(values))
    if (!Number.isFinite(value))
      throw new DistillError(
        'numeric',
        `The loss term "${id}" became ${value} at step ${step} of the ${stage} stage, on the samples ${samples.join(', ')}.`,
        {
          remedy:
            'The last checkpoint is from before that. Lower training.lr or the weight of this term and start again; look at these samples if it happens again.',
        },
      );
}
