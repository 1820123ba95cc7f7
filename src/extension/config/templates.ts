import { l10n } from 'vscode';

/** What "New Configuration" offers. All start with the embedded scenes, so that they run as they stand. */
export interface Template {
  id: 'lad' | 'rdd' | 'baseline';
  label: string;
  detail: string;
  fileName: string;
}

export function templates(): Template[] {
  return [
    {
      id: 'lad',
      label: 'LAD',
      detail: l10n.t('Label assisted distillation: the teacher sees noised labels, the student does not'),
      fileName: 'lad.distill.json',
    },
    {
      id: 'rdd',
      label: 'RDD',
      detail: l10n.t('Relative difficulty distillation: which pixels are worth the time'),
      fileName: 'rdd.distill.json',
    },
    {
      id: 'baseline',
      label: l10n.t('Baseline'),
      detail: l10n.t('The student alone, to compare with'),
      fileName: 'baseline.distill.json',
    },
  ];
}

const methods: Record<Template['id'], string> = {
  lad: `
  // The teacher learns with the noised label as a fourth input channel.
  // Then it teaches the student, which sees the image alone.
  "methods": [{ "kind": "lad" }],
`,
  rdd: `
  // First the teacher alone says which pixels are easy (TFE),
  // then where teacher and student differ decides (TSE).
  "methods": [
    {
      "kind": "rdd",
      "fidelity": "code",
      // Published: 100 000 hard pixels at least, of 16 x 512 x 512.
      // This is the same share of 8 x 96 x 96.
      "tse": { "minKept": 1800 }
    }
  ],
`,
  baseline: `
  // No method: the student is trained with cross entropy alone.
  "methods": [],
`,
};

/** The text of a new configuration; everything that is left out has the published default, shown on hover. */
export function templateText(id: Template['id']): string {
  const teacher =
    id === 'baseline'
      ? ''
      : `  "teacher": { "model": "deeplabv3", "backbone": "resnet18", "width": 0.25 },\n`;
  const teacherSteps = id === 'baseline' ? '' : `    "teacherIterations": 300,\n`;
  return `{
  // Small street scenes that are made on demand.
  // For your own images: "camvid" or "folder", and "root".
  "dataset": { "kind": "sample" },
${methods[id]}
  // A quarter of the published channels, for a laptop; 1 is the published network.
${teacher}  "student": { "model": "deeplabv3", "backbone": "resnet18", "width": 0.25 },

  "training": {
    "seed": 1,
    "iterations": 300,
${teacherSteps}    "batch": 8,
    "crop": [96, 96],
    "evaluateEvery": 100,
    "checkpointEvery": 100,
    "sampleEvery": 25
  }
}
`;
}
