import { RandomStream } from '../../../../src/engine/random';
import type { RunStatus } from '../../../../src/protocol/run';
import type { RunRow } from '../../../../src/protocol/runs-panel';

const statuses: RunStatus[] = [
  'finished',
  'finished',
  'finished',
  'stopped',
  'failed',
  'crashed',
  'paused',
  'running',
];

/** Runs of a few sweeps, as a workspace that has been worked in for a year holds them. */
export function tableRows(count: number): RunRow[] {
  const random = RandomStream.seeded(9, 'rows');
  return Array.from({ length: count }, (_, i): RunRow => {
    const method = (['rdd', 'lad', 'kd', 'cwd'] as const)[i % 4]!;
    const status = statuses[i % statuses.length]!;
    const miou = 0.4 + 0.3 * random.uniform();
    const at = Date.UTC(2026, 0, 1) + i * 7_200_000;
    const over =
      status === 'running' || status === 'paused' ? undefined : at + 3_600_000 * (1 + random.uniform());
    return {
      summary: {
        id: `run-${String(i).padStart(4, '0')}`,
        name: `${method} camvid ${i}`,
        folder: `/w/.distill/runs/run-${String(i).padStart(4, '0')}`,
        status,
        methods: [method],
        student: i % 3 === 0 ? 'deeplabv3-resnet18' : 'pspnet-mobilenetv2',
        createdAt: at,
        endedAt: over,
        stage: 'student',
        step: 40_000,
        iterations: 40_000,
        progress: status === 'finished' ? 1 : random.uniform(),
        loss: 0.1 + random.uniform(),
        bestStudentMiou: status === 'failed' ? undefined : miou,
        bestTeacherMiou: 0.72,
        engine: 'tensorflow (gpu)',
        starred: i % 17 === 0,
        archived: i % 23 === 5,
        notes: i % 11 === 0 ? 'larger crop helps thin classes' : '',
      },
      config: {
        'dataset.kind': 'camvid',
        'training.lr': [0.01, 0.02, 0.04][i % 3]!,
        'training.seed': 1 + (i % 5),
        'training.batch': 8,
        'training.iterations': 40_000,
        'student.width': 1,
        ...(method === 'rdd' ? { 'rdd.warmup': 0.1 * (1 + (i % 3)), 'rdd.tse.threshold': 0.7 } : {}),
        ...Object.fromEntries(Array.from({ length: 30 }, (_, k) => [`training.other${k}`, k])),
      },
    };
  });
}
