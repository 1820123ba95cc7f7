import { type DatasetConfig, type MethodKind, needsTeacher } from '../../protocol/config';
import { datasetFacts } from '../../protocol/datasets';
import type { BackboneName, ModelName } from '../../protocol/networks';
import type { Entry } from './configuration-text';
import { type FieldSchema, kindOf, kindsOf } from './field-schema';

/** What a new configuration is asked about. */
export interface NewConfiguration {
  /** Undefined: the student alone, to compare with. */
  method: MethodKind | undefined;
  dataset: DatasetConfig['kind'];
  /** As it is written; undefined where it is yet to be filled in. */
  root?: string | undefined;
  student: NetworkChoice;
  /** Undefined: of the same shape as the student. */
  teacher?: NetworkChoice | undefined;
}

export interface NetworkChoice {
  model: ModelName;
  backbone: BackboneName;
}

/** For the embedded scenes, on a processor: a few minutes. */
const SMALL = { width: 0.25, iterations: 300, batch: 8, crop: [96, 96], every: 100, sampleEvery: 25 };
/** What so few steps on so small crops need. */
const SMALL_OPTIONS: Partial<Record<MethodKind, { options: object; crop?: [number, number]; why: string }>> =
  {
    rdd: {
      options: { warmup: 0.4 },
      why: 'TFE is 10 % of the published 40 000 steps, but nearly half of so few: both networks must be sure of the easy pixels by then.',
    },
    skd: {
      options: { adversarial: { lastKernel: 1 } },
      crop: [128, 128],
      why: 'The published discriminator needs crops of 512.',
    },
    adversarial: {
      options: { lastKernel: 1 },
      crop: [128, 128],
      why: 'The published discriminator needs crops of 512.',
    },
  };

/** The fields of a configuration that can be trained as it stands, with what was chosen and why. */
export function newConfigurationEntries(choice: NewConfiguration, schema: FieldSchema): Entry[] {
  const small = choice.dataset === 'sample';
  return [
    dataset(choice, schema),
    method(choice, schema),
    ...networks(choice, small),
    small ? smallTraining(choice) : publishedTraining(choice),
  ];
}

function dataset({ dataset: kind, root }: NewConfiguration, schema: FieldSchema): Entry {
  const { enum: kinds, enumDescriptions } = schema.properties!.dataset!.properties!.kind!;
  const { title } = datasetFacts({ kind });
  const layout = enumDescriptions?.[kinds?.indexOf(kind) ?? -1];
  if (kind === 'sample')
    return {
      name: 'dataset',
      comment:
        'Small street scenes that are made on demand. For images of your own: "folder" or a released layout, and "root".',
      value: { kind },
    };
  return {
    name: 'dataset',
    comment: `${title}: ${layout ?? ''}`,
    value: { kind, root: root ?? `data/${kind}` },
  };
}

function method({ method: kind, dataset: data }: NewConfiguration, schema: FieldSchema): Entry {
  if (kind === undefined)
    return {
      name: 'methods',
      comment: 'No method: the student is trained alone, with cross entropy. What distillation has to beat.',
      value: [],
    };
  const kinds = kindsOf(schema.properties!.methods!.items as FieldSchema);
  const description = kinds.find((one) => kindOf(one) === kind)?.description ?? kind;
  const extra = data === 'sample' ? SMALL_OPTIONS[kind] : undefined;
  return {
    name: 'methods',
    comment: [description, ...(extra ? [extra.why] : [])].join(' '),
    value: [{ kind, ...extra?.options }],
  };
}

function networks({ method: kind, student, teacher }: NewConfiguration, small: boolean): Entry[] {
  const width = small ? { width: SMALL.width } : {};
  const withTeacher = needsTeacher({ methods: kind === undefined ? [] : [{ kind } as never] });
  const comment = small
    ? { comment: 'A quarter of the published channels, for a laptop; 1 is the published network.' }
    : {};
  const students: Entry = { name: 'student', value: { ...student, ...width } };
  if (!withTeacher) return [{ ...students, ...comment }];
  return [{ name: 'teacher', value: { ...(teacher ?? student), ...width }, ...comment }, students];
}

function smallTraining({ method: kind }: NewConfiguration): Entry {
  const crop = (kind && SMALL_OPTIONS[kind]?.crop) ?? SMALL.crop;
  const { iterations, batch, every, sampleEvery } = SMALL;
  return {
    name: 'training',
    value: {
      seed: 1,
      iterations,
      ...(kind === undefined ? {} : { teacherIterations: iterations }),
      batch,
      crop,
      evaluateEvery: every,
      checkpointEvery: every,
      sampleEvery,
    },
  };
}

function publishedTraining({ dataset: kind }: NewConfiguration): Entry {
  const { title, training } = datasetFacts({ kind });
  if (training)
    return { name: 'training', comment: `As published for ${title}.`, value: { seed: 1, ...training } };
  return {
    name: 'training',
    comment: 'Nothing is published for this dataset: a usual schedule, and crops of a usual size.',
    value: { seed: 1, iterations: 40000, batch: 16, crop: [512, 512], lr: 0.02 },
  };
}
