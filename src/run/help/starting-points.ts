import type { FieldSchema, StartingPoint } from './field-schema';
import { type NetworkChoice, type NewConfiguration, newConfigurationEntries } from './new-configuration';

const RESNET18: NetworkChoice = { model: 'deeplabv3', backbone: 'resnet18' };
const RESNET101: NetworkChoice = { model: 'deeplabv3', backbone: 'resnet101' };

/** A text to fill in, in the order of the numbers. */
const textPlace = (number: number, text: string) => `\${${number}:${text}}`;
/** A number to fill in; all places of one number change together. */
const numberPlace = (number: number, value: number) => `^\${${number}:${value}}`;

const onScenes = { dataset: 'sample', student: RESNET18 } as const;
const onCamvid = { dataset: 'camvid', root: textPlace(1, 'data/camvid'), student: RESNET18 } as const;
const onCityscapes = {
  dataset: 'cityscapes',
  root: textPlace(1, 'data/cityscapes'),
  student: RESNET18,
} as const;

/** Whole configurations for an empty file: what is taken can be trained once the files it names are there. */
export function startingConfigurations(schema: FieldSchema): StartingPoint[] {
  const point = (label: string, description: string, choice: NewConfiguration): StartingPoint => ({
    label,
    description,
    body: bodyOf(choice, schema),
  });
  return [
    point(
      'LAD on the embedded scenes',
      'Label assisted distillation on small street scenes that are made on demand: minutes on a processor.',
      { method: 'lad', ...onScenes },
    ),
    point(
      'RDD on the embedded scenes',
      'Relative difficulty distillation on small street scenes that are made on demand: minutes on a processor.',
      { method: 'rdd', ...onScenes },
    ),
    point(
      'Baseline on the embedded scenes',
      'The student alone on small street scenes that are made on demand: what distillation has to beat.',
      { method: undefined, ...onScenes },
    ),
    point(
      'LAD on CamVid',
      'Label assisted distillation with the published schedule; teacher and student are the same network.',
      { method: 'lad', ...onCamvid },
    ),
    point(
      'RDD on CamVid',
      'Relative difficulty distillation with the published schedule; a ResNet-101 teaches a ResNet-18.',
      { method: 'rdd', ...onCamvid, teacher: RESNET101 },
    ),
    withCheckpoint(
      point(
        'RDD with teacher checkpoint',
        'Relative difficulty distillation on Cityscapes from a teacher that is trained already, of which PyTorch, safetensors and TensorFlow.js files are read: its stage is skipped.',
        { method: 'rdd', ...onCityscapes, teacher: RESNET101 },
      ),
    ),
    point(
      'KD baseline on CamVid',
      'Plain distillation of class probabilities with the published schedule: what newer methods are compared with.',
      { method: 'kd', ...onCamvid, teacher: RESNET101 },
    ),
    point(
      'Student alone on CamVid',
      'No teacher, with the published schedule: what distillation has to beat.',
      { method: undefined, ...onCamvid },
    ),
  ];
}

function bodyOf(choice: NewConfiguration, schema: FieldSchema): Record<string, unknown> {
  const body = Object.fromEntries(
    newConfigurationEntries(choice, schema).map(({ name, value }) => [name, value]),
  );
  if (choice.dataset !== 'sample') return body;
  // Both stages are as long, and stay so while the number is typed.
  const { iterations, ...others } = body.training as { iterations: number; teacherIterations?: number };
  const length = numberPlace(1, iterations);
  const both = others.teacherIterations === undefined ? {} : { teacherIterations: length };
  return { ...body, training: { iterations: length, ...others, ...both } };
}

/** The teacher is read from a file, which is the second place to fill in. */
function withCheckpoint({ body, ...said }: StartingPoint): StartingPoint {
  const { teacher, ...others } = body as Record<string, object>;
  const { dataset, methods, ...rest } = others;
  return {
    ...said,
    body: {
      dataset,
      methods,
      teacher: { ...teacher, checkpoint: textPlace(2, 'teacher.pth') },
      ...rest,
    },
  };
}

/** Variants of methods that papers and code know by name, for an item of `methods`. */
export const startingMethods: readonly StartingPoint[] = [
  {
    label: 'LAD, single path',
    description: 'The ablation of LAD without the second noised input and the consistency of the two.',
    body: { kind: 'lad', paths: 1 },
  },
  {
    label: 'LAD, taught by the other methods',
    description:
      "LAD's teacher, which sees noised labels, without LAD's own loss for the student: the other methods of the list teach.",
    body: { kind: 'lad', student: { loss: 'none' } },
  },
  {
    label: 'RDD as in the paper',
    description: 'Where the paper of RDD and its released code differ, the paper.',
    body: { kind: 'rdd', fidelity: 'paper' },
  },
  {
    label: 'RDD as in the released code',
    description: 'Where the paper of RDD and its released code differ, the code.',
    body: { kind: 'rdd', fidelity: 'code' },
  },
  {
    label: 'RDD for a short run',
    description:
      'TFE is 10 % of the published 40 000 steps. A run of a few hundred needs a larger share of them, until both networks are sure of the easy pixels.',
    body: { kind: 'rdd', warmup: numberPlace(1, 0.4) },
  },
  {
    label: 'KD, softened',
    description: 'Plain distillation of class probabilities, softened by a temperature.',
    body: { kind: 'kd', weight: numberPlace(1, 1), temperature: numberPlace(2, 4) },
  },
  {
    label: 'CWD on logits and features',
    description: 'Channel-wise distillation of both, as in the CIRKD scripts.',
    body: { kind: 'cwd', on: 'both' },
  },
  {
    label: 'SKD without discriminator',
    description: 'The pair-wise term of SKD alone, which works with crops of any size.',
    body: { kind: 'skd', adversarial: { weight: 0 } },
  },
];

/** A body, or a part of one, with what stands at its places at first. */
export function filledIn(body: unknown): unknown {
  return mapPlaces(body, (_, text, isNumber) => (isNumber ? Number(text) : text));
}

/** A body, or a part of one, in which each place has become something else. */
export function mapPlaces(
  body: unknown,
  place: (number: number, text: string, isNumber: boolean) => unknown,
): unknown {
  if (Array.isArray(body)) return body.map((one) => mapPlaces(one, place));
  if (typeof body === 'object' && body !== null)
    return Object.fromEntries(Object.entries(body).map(([name, one]) => [name, mapPlaces(one, place)]));
  const found = typeof body === 'string' ? /^(\^?)\$\{(\d+):(.*)\}$/.exec(body) : undefined;
  return found ? place(Number(found[2]), found[3]!, found[1] === '^') : body;
}
