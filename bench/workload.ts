import { resolveRdd } from '../src/distill/methods/rdd-options';
import { type Config, configSchema } from '../src/protocol/config';

/** What is measured; both sides have one implementation of each. */
export type WorkloadName = 'student' | 'rdd' | 'lad-teacher' | 'evaluation';

export interface Workload {
  name: WorkloadName;
  /** Height and width of the images. */
  size: number;
}

/** As many classes as Cityscapes has. */
export const CLASSES = 19;
/** A batch of a training step; an evaluation takes one image at a time. */
export const BATCH = 2;

/** Where a step stands in its run: RDD is past its warm-up of a tenth, in the stage that costs more. */
const FIRST_STEP = 4001;

/** The configuration a user would write for this; everything it leaves out has its published default. */
export function configOf({ name, size }: Workload): Config {
  return configSchema.parse({
    dataset: { kind: 'sample' },
    methods: { student: [], evaluation: [], rdd: [{ kind: 'rdd' }], 'lad-teacher': [{ kind: 'lad' }] }[name],
    ...(name === 'rdd' && {
      teacher: { model: 'deeplabv3', backbone: 'resnet101', checkpoint: 'teacher.safetensors' },
    }),
    training: { batch: BATCH, crop: [size, size], lr: 0.01, auxWeight: 0.4 },
  });
}

export function firstStep({ name }: Workload): number {
  return name === 'rdd' ? FIRST_STEP : 1;
}

/** What the Python side needs to know of the configuration. */
export function pytorchOptions(workload: Workload): Record<string, unknown> {
  const config = configOf(workload);
  const { lr, momentum, weightDecay, power, iterations, auxWeight } = config.training;
  const rdd = config.methods.find((method) => method.kind === 'rdd');
  const limits = rdd && resolveRdd(rdd, config, CLASSES).tse;
  return {
    classes: CLASSES,
    lr,
    momentum,
    weightDecay,
    power,
    iterations,
    auxWeight,
    firstStep: firstStep(workload),
    ...(limits && { threshold: limits.threshold, minKept: limits.minKept }),
  };
}
