import { STREET_CLASSES } from '../../../../samples/classes';
import { RandomStream } from '../../../../src/engine/random';
import { configSchema } from '../../../../src/protocol/config';
import type { RunEvent } from '../../../../src/protocol/events';
import type { ToWebview } from '../../../../src/protocol/panel';
import type { RunStatus, RunSummary } from '../../../../src/protocol/run';

export type Snapshot = Extract<ToWebview, { kind: 'snapshot' }>;
export interface RunShape {
  method: 'lad' | 'rdd';
  iterations: number;
  /** How much of the student stage is done, 0..1. */
  done: number;
  status: RunStatus;
  error?: string;
  /** Other numbers, the same shapes. */
  seed?: number;
}

const started = Date.UTC(2026, 10, 22, 9, 30);
const difficultyOfClass = [0.05, 0.3, 0.12, 0.4, 0.22, 0.04, 0.35, 0.62];

/** A run's events with the shapes real curves have: noisy decay, a poly schedule, evaluations that creep up. */
function eventsOf({ method, iterations, done, seed = 3 }: RunShape): RunEvent[] {
  const random = RandomStream.seeded(seed, method);
  const events: RunEvent[] = [];
  const last = Math.round(iterations * done);
  const every = Math.max(1, Math.round(iterations / 10));
  let at = started;
  events.push({
    ...{ kind: 'weights', at, role: 'student', file: '/home/user/weights/resnet18-imagenet.pth' },
    ...{ format: 'PyTorch', table: 'state_dict', names: 'a backbone alone, put under "pretrained."' },
    loaded: [
      { name: 'pretrained.conv1.weight', shape: [64, 3, 3, 3], from: 'conv1.weight', done: 'loaded' },
      { name: 'pretrained.bn1.weight', shape: [64], from: 'bn1.weight', done: 'loaded' },
    ],
    missing: [{ name: 'head.classifier.bias', shape: [8], done: 'left at initial values' }],
    unexpected: [{ name: 'fc.weight', shape: [1000, 512], done: 'not used' }],
    otherShape: [],
  });
  for (const stage of ['teacher', 'student'] as const) {
    const steps = stage === 'teacher' ? iterations : last;
    const index = stage === 'teacher' ? 0 : 1;
    events.push({ kind: 'stage', at, stage, trains: stage, index, stages: 2, iterations, from: 0 });
    for (let step = 1; step <= steps; step++) {
      at += 180;
      const decay = Math.exp((-5 * step) / iterations);
      const task = (0.35 + 1.7 * decay) * Math.exp(0.18 * random.normal());
      const terms: Record<string, number> = { task, 'task.aux': 0.4 * task * (1 + 0.1 * random.uniform()) };
      if (stage === 'teacher' && method === 'lad') terms.consistency = 0.05 + 0.3 * decay * random.uniform();
      if (stage === 'student')
        terms[method === 'lad' ? 'cwd' : 'kd'] = 0.1 + 0.5 * decay * (0.8 + 0.4 * random.uniform());
      const phase =
        method === 'rdd' && stage === 'student' ? (step < 0.1 * iterations ? 'tfe' : 'tse') : undefined;
      const loss = Object.values(terms).reduce((a, b) => a + b);
      events.push({
        kind: 'step',
        at,
        stage,
        step,
        loss,
        terms,
        lr: 0.02 * (1 - (step - 1) / iterations) ** 0.9,
        ms: 180,
        etaMs: (iterations - step + (stage === 'teacher' ? iterations : 0)) * 180,
        ...(phase ? { phase } : {}),
      });
      if (step % every === 0 || step === steps) {
        const skill = 1 - Math.exp((-3.2 * step) / iterations);
        events.push(evaluation(stage, step, at, skill * (stage === 'teacher' ? 0.92 : 0.84), random));
        for (const [i, id] of ['val_000', 'val_001'].entries())
          events.push({
            kind: 'sample',
            at,
            stage,
            step,
            id,
            layers: [],
            scores: {
              student: skill * (0.8 - 0.2 * i),
              difficulty: 0.1 + 0.2 * i,
              disagreement: 0.3 - 0.1 * i,
            },
          });
      }
    }
  }
  return events;
}

function evaluation(
  stage: 'teacher' | 'student',
  step: number,
  at: number,
  skill: number,
  random: RandomStream,
): RunEvent {
  const iou = difficultyOfClass.map((d) => Math.max(0, skill * (1 - d) + 0.02 * random.normal()));
  const miou = iou.reduce((a, b) => a + b) / iou.length;
  return {
    kind: 'evaluation',
    at,
    stage,
    step,
    role: stage,
    images: 100,
    miou,
    miouPresent: miou,
    pixelAccuracy: 0.4 + 0.55 * skill,
    iou,
    confusion: iou.flatMap((own, label) =>
      iou.map((_, said) =>
        Math.round(label === said ? 10_000 * own : (10_000 * (1 - own)) / (iou.length - 1)),
      ),
    ),
  };
}

export function snapshotOf(shape: RunShape): Snapshot {
  const { method, iterations, done, status, error } = shape;
  const events = eventsOf(shape);
  const step = Math.round(iterations * done);
  const best = (role: string) =>
    events.reduce((top, e) => (e.kind === 'evaluation' && e.role === role ? Math.max(top, e.miou) : top), 0);
  const steps = events.filter((e) => e.kind === 'step');
  const config = configSchema.parse({
    name: method === 'lad' ? 'LAD on sample streets' : 'RDD on sample streets',
    dataset: { kind: 'sample' },
    methods: [{ kind: method }],
    student: { width: 0.25 },
    training: { iterations, batch: 8, crop: [96, 96], lr: 0.02 },
  });
  const live = status === 'running';
  const run: RunSummary = {
    id: `2026-11-22-0930-${method}`,
    name: config.name!,
    folder: `/home/user/streets/.distill/runs/2026-11-22-0930-${method}`,
    status,
    methods: [method],
    student: 'deeplabv3 resnet18 ×0.25',
    createdAt: started,
    endedAt: live ? undefined : events.at(-1)!.at,
    stage: 'student',
    step,
    iterations,
    progress: (1 + done) / 2,
    etaMs: live ? steps.at(-1)!.etaMs : undefined,
    loss: steps.at(-1)!.loss,
    bestStudentMiou: best('student'),
    bestTeacherMiou: best('teacher'),
    engine: 'wasm',
    samplesPerSecond: live ? 44.4 : undefined,
    memory: live ? 1.5 * 2 ** 30 : undefined,
    error,
    starred: false,
    archived: false,
    notes: '',
  };
  return {
    kind: 'snapshot',
    run,
    classes: STREET_CLASSES.map(({ name, color }) => ({ name, color: [...color] })),
    deviations:
      method === 'lad'
        ? [
            'LAD: the student takes the image alone; the released code gives it a fourth channel of zeros, which computes the same.',
          ]
        : [
            'RDD: fidelity “code”: the hard-pixel floor is scaled to the crop of this configuration.',
            'RDD: no class weights for this dataset.',
          ],
    configText: JSON.stringify(config, null, 2),
    events,
  };
}
