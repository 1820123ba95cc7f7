import type { Config, MethodKind, RddConfig } from '../../protocol/config';
import { DistillError } from '../../protocol/errors';
import type { TfeDirection } from '../losses/rdd-tfe';
import { CITYSCAPES_CLASS_WEIGHTS, type TseOptions } from '../losses/rdd-tse';
import type { MapReduction } from '../losses/reduce-map';
import { segmenterShape } from '../stages';

/** Hard-pixel floor of the released code, for the 4 crops of 512 x 1024 that each of its 4 GPUs sees. */
const PUBLISHED_MIN_KEPT = 100_000;
const PUBLISHED_PIXELS_PER_GPU = 4 * 512 * 1024;

/** RDD with every switch decided. */
export interface RddOptions {
  fidelity: 'code' | 'paper';
  stages: RddConfig['stages'];
  /** Step of the switch from TFE to TSE (iter_TFE). */
  warmup: number;
  handover: RddConfig['handover'];
  tfe: {
    direction: TfeDirection;
    reduction: Extract<MapReduction, 'all' | 'valid'>;
    /** Every pixel its own weight, or all the mean weight. */
    weighting: 'pixel' | 'mean';
  };
  tse: TseOptions & { reduction: Extract<MapReduction, 'all' | 'weights'> };
  kd: RddConfig['kd'];
}

/**
 * Fills the switches the configuration leaves open from the released code or the paper, as `fidelity` says.
 * Errors: config-invalid, if there are not as many class weights as classes.
 */
export function resolveRdd(options: RddConfig, config: Config, classes: number): RddOptions {
  const { fidelity = 'code', stages, handover, tfe, tse, kd } = options;
  const code = fidelity === 'code';
  if (tse.classWeights && tse.classWeights.length !== classes)
    throw new DistillError(
      'config-invalid',
      `There are ${tse.classWeights.length} class weights for ${classes} classes.`,
      { where: 'methods.rdd.tse.classWeights', remedy: 'Give one weight per class of the dataset.' },
    );
  const reduction = tse.reduction ?? (code ? 'kept' : 'all');
  return {
    fidelity,
    stages,
    warmup: Math.round(options.warmup * config.training.iterations),
    handover,
    tfe: {
      direction: tfe.kl ?? (code ? 'aux-main' : 'main-aux'),
      reduction: tfe.reduction ?? (code ? 'all' : 'valid'),
      weighting: tfe.weighting ?? (losesPixelWeights(options, config) ? 'mean' : 'pixel'),
    },
    tse: {
      mode: tse.mode,
      threshold: tse.threshold,
      confidence: tse.confidence ?? (code ? 'label' : 'max'),
      minKept: tse.minKept ?? (code ? scaledMinKept(config) : 0),
      classWeights: tse.classWeights ?? (code ? publishedClassWeights(config) : undefined),
      reduction: reduction === 'kept' ? 'weights' : 'all',
    },
    kd,
  };
}

/** Whether the code is to be followed where its scripts for other methods lose the weights of the pixels. */
function losesPixelWeights({ fidelity }: RddConfig, { methods }: Pick<Config, 'methods'>): boolean {
  return fidelity === 'code' && methods.some(({ kind }) => ['at', 'dsd', 'cirkd'].includes(kind));
}

function publishedClassWeights({ dataset }: Pick<Config, 'dataset'>): readonly number[] | undefined {
  return dataset.kind === 'cityscapes' ? CITYSCAPES_CLASS_WEIGHTS : undefined;
}

/** Pixels of a training batch. */
export function batchPixels({ training: { batch, crop } }: Config): number {
  return batch * crop[0] * crop[1];
}

/**
 * The floor of the released code for batches of this size. Taken as it is, 100 000 would make every pixel of a small
 * batch hard, and the exclusive-or of two full masks is empty.
 */
function scaledMinKept(config: Config): number {
  return Math.round((PUBLISHED_MIN_KEPT * batchPixels(config)) / PUBLISHED_PIXELS_PER_GPU);
}

/** Where this knowingly differs from the released code or the paper, whichever `fidelity` names. */
export function describeRdd(options: RddConfig, config: Config): string[] {
  const { fidelity = 'code', tfe, tse, warmup, handover, stages, kd } = options;
  const code = fidelity === 'code';
  const source = code ? 'the released code' : 'the paper';
  const texts: string[] = [];
  const differs = (name: string, value: unknown, published: unknown) => {
    if (value !== undefined && value !== published)
      texts.push(`RDD: ${name} is ${value}; ${source} has ${published}.`);
  };
  differs('tfe.kl', tfe.kl, code ? 'aux-main' : 'main-aux');
  differs('tfe.reduction', tfe.reduction, code ? 'all' : 'valid');
  differs('tse.confidence', tse.confidence, code ? 'label' : 'max');
  differs('tse.reduction', tse.reduction, code ? 'kept' : 'all');
  differs('tse.minKept', tse.minKept, code ? PUBLISHED_MIN_KEPT : 0);
  differs('tse.mode', tse.mode, 'xor');
  differs('tse.threshold', tse.threshold, 0.7);
  differs('stages', stages, 'both');
  differs('handover', handover, 'hard');
  differs('warmup', warmup, 0.1);
  if (code && tse.minKept === undefined)
    texts.push(
      `RDD: at least ${scaledMinKept(config)} pixels of a batch are hard; the released code has 100000, scaled here from its 4 crops of 512 x 1024 per GPU to ${batchPixels(config)} pixels per batch.`,
    );
  const weighting = tfe.weighting ?? (losesPixelWeights(options, config) ? 'mean' : 'pixel');
  if (weighting === 'mean')
    texts.push(
      'RDD: in TFE the mean loss is multiplied by the mean weight, as the scripts for AT, DSD and CIRKD do; the paper weights every pixel.',
    );
  else if (code && config.methods.some(({ kind }) => ['at', 'dsd', 'cirkd'].includes(kind)))
    texts.push(
      'RDD: in TFE every pixel has its own weight beside AT, DSD and CIRKD too, as in the paper; the released scripts lose it ("fidelity": "code" does so).',
    );
  const beside = (kind: MethodKind) => config.methods.some((method) => method.kind === kind);
  // The paper adds no KD to AT, its script does; neither adds any to DSD.
  const without = beside('dsd') ? 'DSD' : !code && beside('at') ? 'AT' : undefined;
  if (without === undefined) differs('kd.weight', kd.weight, 1);
  else if (kd.weight !== 0)
    texts.push(`RDD: kd.weight is ${kd.weight}; beside ${without} ${source} has no KD.`);
  differs('kd.temperature', kd.temperature, 1);
  if (!code && kd.direction === 'teacher-student')
    texts.push(
      'RDD: the KD term is KL(teacher || student), as in the code; Eq. 2 is printed the other way ("kd": { "direction": "student-teacher" }).',
    );
  if (code) differs('kd.direction', kd.direction, 'teacher-student');
  if (code && tse.classWeights === undefined && !publishedClassWeights(config))
    texts.push(
      'RDD: classes weigh the same in TSE; the released code has class weights, for Cityscapes only.',
    );
  if (!code && tse.classWeights !== undefined)
    texts.push('RDD: the task loss of TSE has class weights; the paper has none.');
  const { model, backbone } = segmenterShape(config, 'teacher');
  texts.push(`RDD: the teacher is ${model}-${backbone}; published results have deeplabv3-resnet101.`);
  if (!code && config.training.weightDecay !== 5e-4)
    texts.push(`RDD: weight decay is ${config.training.weightDecay}; the paper has 0.0005.`);
  return texts;
}
