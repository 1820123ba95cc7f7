import { networkProblem, resolveSpec } from '../../nn/networks';
import type { Config, MethodConfig } from '../../protocol/config';
import { pixelsOf } from '../../protocol/config-augment';
import { datasetFacts } from '../../protocol/datasets';
import { error, idle, remove, set, warning } from './say';
import type { Finding } from './schema-findings';

type Of<K extends MethodConfig['kind']> = Extract<MethodConfig, { kind: K }>;
/** A method, where it stands, and which of its fields the user wrote. */
interface Entry<K extends MethodConfig['kind']> {
  method: Of<K>;
  at: (string | number)[];
  wrote(...path: string[]): boolean;
}

/** Of a dataset whose classes are not known before it is opened. */
const TYPICAL_CLASSES = 21;
const GIB = 2 ** 30;
/** LAD's scale of 100 over the deviation of ImageNet's pixels, about 57 grey levels. */
const IMAGENET_SCALE = 1.75;
/** Channels of the features of a published teacher, which memories keep. */
const TEACHER_FEATURES = 256;

/**
 * Options of methods that cannot work, or do nothing, with the rest of the configuration.
 * @param written the configuration as the user wrote it, to tell a choice from a default
 */
export function methodOptions(config: Config, written: unknown): Finding[] {
  return config.methods.flatMap((method, i): Finding[] => {
    const own = (written as { methods?: unknown[] }).methods?.[i];
    const entry = {
      at: ['methods', i],
      wrote: (...path: string[]) =>
        path.reduce<unknown>((v, key) => (v as Record<string, unknown> | undefined)?.[key], own) !==
        undefined,
    };
    switch (method.kind) {
      case 'lad':
        return lad({ ...entry, method }, config);
      case 'rdd':
        return rdd({ ...entry, method });
      case 'cwd':
        return cwd({ ...entry, method });
      case 'dsd':
        return dsd({ ...entry, method }, config);
      case 'dist':
        return dist({ ...entry, method }, config);
      case 'cirkd':
        return cirkd({ ...entry, method }, config);
      case 'skd':
        return skd({ ...entry, method }, config);
      default:
        return [];
    }
  });
}

/** Findings for fields that were written and that nothing reads. */
function unread(
  { at, wrote }: Pick<Entry<'lad'>, 'at' | 'wrote'>,
  paths: readonly string[][],
  because: string,
): Finding[] {
  return paths
    .filter((path) => wrote(...path))
    .map((path) => idle([...at, ...path], `"${path.at(-1)}" has no effect ${because}. Remove it.`));
}

function lad(entry: Entry<'lad'>, { methods, training }: Config): Finding[] {
  const { method, at, wrote } = entry;
  const { noise, paths, consistency, distill, student } = method;
  const found: Finding[] = [];
  if (student.loss === 'none') {
    found.push(
      ...unread(
        entry,
        [
          ['student', 'weight'],
          ['student', 'temperature'],
        ],
        'with "loss": "none"',
      ),
    );
    if (methods.every(({ kind }) => kind === 'lad'))
      found.push(
        error(
          [...at, 'student', 'loss'],
          'The teacher is trained and then teaches nothing: "loss" is "none", and no other method is listed. Choose a loss, or add a method such as { "kind": "kd" }.',
          remove([...at, 'student', 'loss']),
        ),
      );
  }
  if (paths === 1)
    found.push(...unread(entry, [['consistency']], 'with "paths": 1, which has nothing to compare'));
  else if (consistency.distance === 'squared')
    found.push(...unread(entry, [['consistency', 'temperature']], 'with "distance": "squared"'));
  if (noise.codes === 'fixed' && distill.codes === 'fixed')
    found.push(...unread(entry, [['noise', 'classStd']], 'with fixed codes'));
  if (pixelsOf(training.augment) === 'imagenet' && !wrote('noise', 'scale'))
    found.push(
      warning(
        [...at, 'noise', 'scale'],
        `The noised label is ${noise.scale} times its codes, as the LAD code has it beside images of 0 to 255; these images are divided by their deviation, so that it would drown them. Use ${IMAGENET_SCALE}, or "pixels": "caffe".`,
        set([...at, 'noise', 'scale'], IMAGENET_SCALE),
        set(['training', 'augment', 'pixels'], 'caffe'),
      ),
    );
  return found;
}

function rdd(entry: Entry<'rdd'>): Finding[] {
  const { tfe } = entry.method;
  return tfe.weighting === 'mean'
    ? unread(
        entry,
        [['tfe', 'reduction']],
        'with "weighting": "mean", whose loss is a mean over labelled pixels',
      )
    : [];
}

function cwd(entry: Entry<'cwd'>): Finding[] {
  const { on } = entry.method;
  if (on === 'logits') return unread(entry, [['featureWeight'], ['adapterLr']], 'with "on": "logits"');
  return on === 'features' ? unread(entry, [['weight']], 'with "on": "features"') : [];
}

/** The pair-wise part compares auxiliary logits, features and logits of each network. */
function dsd({ at, method }: Entry<'dsd'>, { student, teacher = student }: Config): Finding[] {
  if (method.pixelWeight === 0 || networkProblem(student) || networkProblem(teacher)) return [];
  const [own, theirs] = [student, teacher].map((network) =>
    resolveSpec({ ...network, classes: 2, inputChannels: 3 }),
  );
  if (own!.auxHead === theirs!.auxHead) return [];
  const without = own!.auxHead ? 'teacher' : 'student';
  return [
    warning(
      at,
      `"dsd" compares how the maps of each network differ, and the ${without} has no auxiliary head: its logits take that place, as in CIRKD for MobileNetV2, and teach little. Give it one ("auxHead": true) where the network can have it.`,
    ),
  ];
}

function dist(entry: Entry<'dist'>, { dataset }: Config): Finding[] {
  if (datasetFacts(dataset).classes !== 2 || entry.method.inter === 0) return [];
  return [
    warning(
      [...entry.at, 'inter'],
      'With two classes their correlation in a pixel is 1 or -1 and cannot be learnt from. Set "inter" to 0.',
      set([...entry.at, 'inter'], 0),
    ),
  ];
}

function cirkd({ at, method, wrote }: Entry<'cirkd'>, { dataset, training }: Config): Finding[] {
  const { memory, batch } = method;
  const found: Finding[] = [];
  const classes = datasetFacts(dataset).classes ?? TYPICAL_CLASSES;
  for (const [size, contrast] of [
    ['pixels', 'pixelContrast'],
    ['regions', 'regionContrast'],
  ] as const) {
    const perClass = Math.floor(memory[contrast] / classes) + 1;
    if (perClass > memory[size] && (wrote('memory', size) || wrote('memory', contrast)))
      found.push(
        warning(
          [...at, 'memory', contrast],
          `Each step wants ${perClass} of each class, and "${size}" remembers ${memory[size]}: it takes all of them.`,
          set([...at, 'memory', contrast], (memory[size] - 1) * classes),
        ),
      );
  }
  if (memory.pixelWeight !== 0 || memory.regionWeight !== 0) {
    const bytes = 4 * classes * (memory.pixels + memory.regions) * TEACHER_FEATURES;
    if (bytes > 2 * GIB)
      found.push(
        warning(
          [...at, 'memory'],
          `The memories of ${classes} classes take about ${(bytes / GIB).toFixed(1)} GiB, and as much in each checkpoint. Remember fewer "pixels" if that is too much.`,
        ),
      );
  }
  if (batch.group !== undefined && batch.group > training.batch)
    found.push(
      warning(
        [...at, 'batch', 'group'],
        `A batch has ${training.batch} images, so that no ${batch.group} of them can be compared: all are.`,
        remove([...at, 'batch', 'group']),
      ),
    );
  return found;
}

function skd({ at }: Entry<'skd'>, { methods }: Config): Finding[] {
  const other = methods.findIndex(({ kind }) => kind === 'adversarial');
  return other < 0
    ? []
    : [
        error(
          ['methods', other],
          '"skd" has a discriminator of its own, and one is enough. Remove "adversarial"; its options are those of "adversarial" in "skd".',
          remove(['methods', other]),
          remove(at),
        ),
      ];
}
