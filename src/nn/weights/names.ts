/**
 * How the names of a file become ours. Ours are those of the official modules, so that most files need nothing; what
 * differs is what lies around them (wrappers, a backbone alone) and torchvision's names for the same layers.
 */
export interface Naming {
  /** In words, for the report; empty where nothing was changed. */
  readonly words: string;
  /** Our name for a name of the file. */
  rename(name: string): string;
}

type Rule = readonly [pattern: RegExp, replacement: string];
interface Dialect {
  readonly words: string;
  readonly rules: readonly Rule[];
}

/**
 * What wraps a whole network: DataParallel, torch.compile, Lightning, distillers. Removed where every name has it, but for
 * buffers of losses beside the network.
 */
const BESIDE = /^(loss|criterion)\./;
const WRAPPERS = [
  'module.',
  '_orig_mod.',
  'model.',
  'net.',
  'network.',
  'segmentor.',
  'student.',
  'teacher.',
];

/** torchvision/models/segmentation/{deeplabv3,fcn}.py beside CIRKD's models: the same layers under other names. */
const TORCHVISION: readonly Rule[] = [
  [/^backbone\./, 'pretrained.'],
  [/^aux_classifier\./, 'auxlayer.block.'],
];
/** MobileNetV2 has convolution, batch norm and activation in a sequence of their own in torchvision, in CIRKD not. */
const mobileNetV2 = (root: string): Rule[] => [
  [/^features\.(\d+)\.conv\.0\.([01])\./, `${root}features.$1.conv.$2.`],
  // The first block does not expand, so what ends the others at 2 and 3 is at 1 and 2.
  [/^features\.1\.conv\.1\./, `${root}features.1.conv.3.`],
  [/^features\.1\.conv\.2\./, `${root}features.1.conv.4.`],
  [/^features\.(\d+)\.conv\.1\.0\./, `${root}features.$1.conv.3.`],
  [/^features\.(\d+)\.conv\.1\.1\./, `${root}features.$1.conv.4.`],
  [/^features\.(\d+)\.conv\.2\./, `${root}features.$1.conv.6.`],
  [/^features\.(\d+)\.conv\.3\./, `${root}features.$1.conv.7.`],
  [/^features\./, `${root}features.`],
];

const DIALECTS: readonly Dialect[] = [
  { words: '', rules: [] },
  // Under these names our networks keep their backbones; files of a backbone alone have none.
  ...['pretrained.', 'pretrained.net.', 'backbone.', 'cp.backbone.'].map((root) => ({
    words: `a backbone alone, put under "${root}"`,
    rules: [[/^/, root]] as const,
  })),
  { words: '"backbone." read as "pretrained."', rules: [[/^backbone\./, 'pretrained.']] },
  { words: '"pretrained." read as "backbone."', rules: [[/^pretrained\./, 'backbone.']] },
  {
    words: "torchvision's DeepLabV3 in CIRKD's names",
    rules: [
      ...TORCHVISION,
      [/^classifier\.0\.convs\.0\./, 'head.aspp.b0.'],
      [/^classifier\.0\.convs\.([123])\./, 'head.aspp.b$1.block.'],
      [/^classifier\.0\.convs\.4\./, 'head.aspp.b4.gap.'],
      [/^classifier\.0\.project\./, 'head.aspp.project.'],
      [/^classifier\.1\./, 'head.block.0.'],
      [/^classifier\.2\./, 'head.block.1.'],
      [/^classifier\.4\./, 'head.block.4.'],
    ],
  },
  {
    words: "torchvision's FCN in CIRKD's names",
    rules: [...TORCHVISION, [/^classifier\./, 'head.block.']],
  },
  {
    words: "torchvision's MobileNetV2 in CIRKD's names",
    rules: mobileNetV2('pretrained.net.'),
  },
];

/**
 * The way of reading the names of a file under which most of them are wanted; of equals the one that changes least.
 * @param wanted names of the network's weights
 */
export function chooseNaming(names: readonly string[], wanted: ReadonlySet<string>): Naming {
  const wrapper = wrapperOf(names, wanted);
  const unwrapped = (name: string) => (name.startsWith(wrapper) ? name.slice(wrapper.length) : name);
  const inner = names.map(unwrapped);
  const hits = ({ rules }: Dialect) => inner.filter((name) => wanted.has(applied(rules, name))).length;
  let best = DIALECTS[0]!;
  let most = hits(best);
  for (const dialect of DIALECTS.slice(1)) {
    const count = hits(dialect);
    if (count > most) [best, most] = [dialect, count];
  }
  const words = [wrapper && `"${wrapper}" removed`, best.words].filter(Boolean).join('; ');
  return { words, rename: (name) => applied(best.rules, unwrapped(name)) };
}

/** The wrappers that all names share, outermost first; never of names that are wanted as they are. */
function wrapperOf(all: readonly string[], wanted: ReadonlySet<string>): string {
  const names = all.filter((name) => !BESIDE.test(name));
  let wrapper = '';
  while (names.length > 0 && !names.some((name) => wanted.has(name.slice(wrapper.length)))) {
    const next = WRAPPERS.find((candidate) => names.every((name) => name.startsWith(wrapper + candidate)));
    if (next === undefined) break;
    wrapper += next;
  }
  return wrapper;
}

/** The first rule that fits; a name none fits stays. */
function applied(rules: readonly Rule[], name: string): string {
  const rule = rules.find(([pattern]) => pattern.test(name));
  return rule ? name.replace(rule[0], rule[1]) : name;
}

/**
 * Names by which TensorFlow.js keeps what PyTorch calls weight, bias and so on; slashes part them.
 * Source: the layers of @tensorflow/tfjs-layers.
 */
export function fromTfjsName(name: string): string {
  const parts = name.split('/');
  const last = { kernel: 'weight', depthwise_kernel: 'weight', gamma: 'weight', beta: 'bias' }[parts.at(-1)!];
  const statistic = { moving_mean: 'running_mean', moving_variance: 'running_var' }[parts.at(-1)!];
  return [...parts.slice(0, -1), last ?? statistic ?? parts.at(-1)!].join('.');
}
