import type { RunEvent, StageId } from '../../protocol/events';
import type { RunManifest } from '../../protocol/run';
import type { StudyArmResult, StudyCost, StudyDifference, StudyReport, StudyRun } from '../../protocol/study';
import { bestOf } from '../report/arm';
import { RunReader } from '../run-reader';
import { describeStudent } from '../summary';
import type { StudyPlan } from './plan';
import { bootstrapInterval, mean, standardDeviation, studentInterval } from './statistics';

/**
 * What a study has found so far.
 * @param folders run folders by cell key; a cell without one has not been trained
 * @param uniform random numbers in [0,1) for the bootstrap
 * Errors: run-missing, run-broken, io.
 */
export async function studyReport(
  plan: StudyPlan,
  folders: ReadonlyMap<string, string>,
  uniform: () => number,
): Promise<StudyReport> {
  const { study, reference } = plan;
  const manifests: RunManifest[] = [];
  const arms: StudyArmResult[] = [];
  for (const arm of study.arms) {
    const runs: StudyRun[] = [];
    let deviations: string[] = [];
    for (const seed of study.seeds) {
      const folder = folders.get(`${arm.name}/${seed}`);
      if (folder === undefined) {
        runs.push({ seed, status: 'missing', curve: [], cost: { teacherSeconds: 0, studentSeconds: 0 } });
        continue;
      }
      const reader = await RunReader.open(folder);
      manifests.push(reader.manifest);
      deviations = reader.manifest.deviations;
      runs.push(runOf(reader, seed, study.score));
    }
    const scores = finished(runs).map(({ miou }) => miou!);
    const config = plan.configs.get(arm.name)!;
    arms.push({
      name: arm.name,
      about: arm.about,
      methods: config.methods.map(({ kind }) => kind),
      student: describeStudent(config),
      teacher: arm.teacher,
      deviations,
      runs,
      mean: scores.length > 0 ? mean(scores) : undefined,
      sd: standardDeviation(scores),
    });
  }
  const base = arms.find(({ name }) => name === reference.name)!;
  for (const arm of arms)
    if (arm !== base) arm.difference = differenceOf(arm, base, study.resamples, uniform);
  return {
    version: 1,
    name: study.name,
    about: study.about,
    score: study.score,
    seeds: study.seeds,
    reference: base.name,
    finished: arms.flatMap(({ runs }) => finished(runs)).length,
    planned: plan.cells.length,
    classes: manifests[0]?.classes ?? [],
    machines: [...new Set(manifests.map(machineOf))],
    arms,
  };
}

const finished = (runs: readonly StudyRun[]) => runs.filter(({ status }) => status === 'finished');

function runOf(reader: RunReader, seed: number, score: StudyReport['score']): StudyRun {
  const { events, manifest } = reader;
  const evaluations = (role: StageId) =>
    events.filter((event) => event.kind === 'evaluation').filter((event) => event.role === role);
  const student = evaluations('student');
  const counts = score === 'best' ? bestOf(student) : student.at(-1);
  const summary = reader.summary();
  return {
    seed,
    run: manifest.id,
    status: summary.status === 'finished' && counts ? 'finished' : 'unfinished',
    error: summary.error,
    miou: counts?.miou,
    miouPresent: counts?.miouPresent,
    pixelAccuracy: counts?.pixelAccuracy,
    iou: counts?.iou,
    teacherMiou: evaluations('teacher').at(-1)?.miou,
    curve: student.map(({ step, miou }) => ({ step, miou })),
    cost: costOf(events),
  };
}

function costOf(events: readonly RunEvent[]): StudyCost {
  const steps = events.filter((event) => event.kind === 'step');
  const seconds = (stage: StageId) =>
    steps.reduce((sum, step) => sum + (step.stage === stage ? step.ms : 0), 0) / 1000;
  const times = steps
    .filter(({ stage }) => stage === 'student')
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  const memory = steps.flatMap((step) => step.memory ?? []);
  return {
    teacherSeconds: seconds('teacher'),
    studentSeconds: seconds('student'),
    stepMs: times[times.length >> 1],
    peakMemory: memory.length > 0 ? memory.reduce((a, b) => Math.max(a, b)) : undefined,
  };
}

/** Over the seeds that both arms have finished; undefined if there is none. */
function differenceOf(
  arm: StudyArmResult,
  reference: StudyArmResult,
  resamples: number,
  uniform: () => number,
): StudyDifference | undefined {
  const pairs = finished(arm.runs).flatMap((run) => {
    const other = finished(reference.runs).find(({ seed }) => seed === run.seed);
    return other ? [{ run, other }] : [];
  });
  if (pairs.length === 0) return undefined;
  const values = pairs.map(({ run, other }) => run.miou! - other.miou!);
  const classes = pairs[0]!.run.iou?.length ?? 0;
  return {
    reference: reference.name,
    seeds: pairs.map(({ run }) => run.seed),
    values,
    mean: mean(values),
    bootstrap: bootstrapInterval(values, resamples, uniform),
    student: studentInterval(values),
    iou: Array.from({ length: classes }, (_, id) => {
      const changes = pairs.flatMap(({ run, other }) => {
        const [a, b] = [run.iou?.[id], other.iou?.[id]];
        return typeof a === 'number' && typeof b === 'number' ? [a - b] : [];
      });
      return changes.length > 0 ? mean(changes) : null;
    }),
  };
}

function machineOf({ engine, host, git }: RunManifest): string {
  const versions = Object.entries(engine.versions).map(([name, version]) => `${name} ${version}`);
  return (
    `${engine.name} on ${engine.device} (${versions.join(', ')}); ${host.platform}, ${host.cpus} cores, Node.js ${host.node}` +
    (git ? `; commit ${git.commit.slice(0, 12)}${git.dirty ? ' with local changes' : ''}` : '')
  );
}
