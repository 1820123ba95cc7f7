import { models } from '../../nn/networks';
import type { Config, MethodConfig, MethodKind, TrainingConfig } from '../../protocol/config';
import { datasetFacts } from '../../protocol/datasets';
import { DistillError } from '../../protocol/errors';
import type { Method, MethodInstance } from '../method';
import { planStages, segmenterShape } from '../stages';
import { taskLossDeviations } from '../task-loss';
import { adversarial } from './adversarial';
import { at } from './at';
import { cirkd } from './cirkd';
import { cwd } from './cwd';
import { dist } from './dist';
import { dsd } from './dsd';
import { fitnet } from './fitnet';
import { ifvd } from './ifvd';
import { kd } from './kd';
import { lad } from './lad';
import { rdd } from './rdd';
import { skd } from './skd';

const methods: { [K in MethodKind]: Method<Extract<MethodConfig, { kind: K }>> } = {
  ...{ lad, rdd },
  ...{ kd, cwd, skd, ifvd, at, fitnet, dsd, cirkd, dist, adversarial },
};

export function methodFor(kind: MethodKind): Method {
  return methods[kind];
}

/**
 * Finds contradictions before a run starts.
 * Errors: config-invalid, if two methods claim the same hook.
 */
export function checkMethods(config: Pick<Config, 'methods'>): void {
  const owners = new Map<string, { kind: MethodKind; at: number }>();
  for (const [at, { kind }] of config.methods.entries())
    for (const claim of methodFor(kind).claims) {
      const owner = owners.get(claim);
      if (owner)
        throw new DistillError(
          'config-invalid',
          `"${kind}" and "${owner.kind}" (methods[${owner.at}]) both want to decide ${inWords[claim]}.`,
          { where: `methods[${at}]`, remedy: 'Remove one of them.' },
        );
      owners.set(claim, { kind, at });
    }
}
const inWords: Record<Method['claims'][number], string> = {
  'teacher-views': 'what the teacher sees',
  'task-weights': 'how the pixels of the task loss are weighted',
  discriminator: 'how a discriminator judges the logits',
};

/** The methods of a run, in the order of the configuration. Errors: config-invalid. */
export function createMethods(config: Config, classes: number): MethodInstance[] {
  checkMethods(config);
  return config.methods.map((options) => methodFor(options.kind).create(options, config, classes));
}

/** CIRKD's, where nothing is published for a dataset. */
const published: Pick<TrainingConfig, 'iterations' | 'batch' | 'lr' | 'momentum' | 'power'> = {
  iterations: 40000,
  batch: 16,
  lr: 0.02,
  momentum: 0.9,
  power: 0.9,
};

/** Methods whose published results have the teacher of CIRKD; RDD says so itself. */
const ofCirkd: readonly MethodKind[] = [
  'kd',
  'cwd',
  'skd',
  'ifvd',
  'at',
  'fitnet',
  'dsd',
  'cirkd',
  'adversarial',
];
const CIRKD_TEACHER = 'deeplabv3-resnet101';

/**
 * Where a run knowingly differs from papers and released code, one sentence each: the training as a whole, then each
 * method. Printed with every result.
 */
export function deviationsOf(config: Config): string[] {
  const texts: string[] = [];
  const facts = datasetFacts(config.dataset);
  for (const [key, value] of Object.entries({ ...published, ...facts.training })) {
    const own = config.training[key as keyof typeof published | 'crop'];
    const on = facts.training && key in facts.training ? ` on ${facts.title}` : '';
    if (`${own}` !== `${value}`)
      texts.push(`training.${key} is ${shown(own)}; published results${on} have ${shown(value)}.`);
  }
  const trained = planStages(config).map(({ trains }) => trains);
  const ofNetworks = trained.flatMap((role) => models[segmenterShape(config, role).model].deviations ?? []);
  texts.push(...new Set(ofNetworks), ...taskLossDeviations(config, trained));
  for (const role of trained) {
    const { width, checkpoint } = segmenterShape(config, role);
    if (width !== 1) texts.push(`The ${role} has ${width} of the published channel counts.`);
    if (role === 'teacher' || !checkpoint)
      texts.push(`The ${role} starts from random weights; published networks start from ImageNet weights.`);
  }
  const names = config.methods.flatMap(({ kind }) => (ofCirkd.includes(kind) ? [kind] : []));
  const { model, backbone } = segmenterShape(config, 'teacher');
  if (names.length > 0 && `${model}-${backbone}` !== CIRKD_TEACHER)
    texts.push(
      `The teacher is ${model}-${backbone}; published results of ${names.join(', ')} have ${CIRKD_TEACHER}.`,
    );
  for (const options of config.methods) texts.push(...methodFor(options.kind).deviations(options, config));
  return texts;
}

function shown(value: number | readonly number[]): string {
  return typeof value === 'number' ? `${value}` : value.join(' x ');
}
