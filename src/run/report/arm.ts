import type { EvaluationEvent, Role, SampleEvent, StageId, StepEvent } from '../../protocol/events';
import type { LayerData } from '../../protocol/panel';
import type { RunManifest, RunSummary } from '../../protocol/run';
import { RunReader } from '../run-reader';
import { readSample } from '../samples';

/** A sample with its pictures in memory. */
export interface ShownSample {
  event: SampleEvent;
  layers: LayerData[];
}

/** One run, as the report tells it. */
export interface Arm {
  /** Distinct among the arms of a report. */
  label: string;
  /** Position in the report; decides the colour. */
  index: number;
  manifest: RunManifest;
  summary: RunSummary;
  damagedLines: number;
  warnings: string[];
  steps: Record<StageId, StepEvent[]>;
  evaluations: Record<Role, EvaluationEvent[]>;
  /** The last sample of each stage that has one. */
  samples: ShownSample[];
  /** The student's answers on the sample of the last one, in the course of training. */
  course: ShownSample[];
  /** Pictures that could not be read. */
  missing: string[];
}

/** Pictures in a row that tells how a student learnt. */
const COURSE = 6;

/** Errors: run-missing, run-broken, io; pictures that are gone do not hinder. */
export async function readArms(folders: readonly string[]): Promise<Arm[]> {
  const readers = await Promise.all(folders.map((folder) => RunReader.open(folder)));
  const names = readers.map((reader) => reader.manifest.name);
  return Promise.all(
    readers.map((reader, index) => {
      const { name, id } = reader.manifest;
      const unique = names.filter((other) => other === name).length === 1;
      return readArm(reader, index, unique ? name : id);
    }),
  );
}

async function readArm(reader: RunReader, index: number, label: string): Promise<Arm> {
  const arm: Arm = {
    label,
    index,
    manifest: reader.manifest,
    summary: reader.summary(),
    damagedLines: reader.damagedLines,
    warnings: [],
    steps: { teacher: [], student: [] },
    evaluations: { teacher: [], student: [] },
    samples: [],
    course: [],
    missing: [],
  };
  const samples: Record<StageId, SampleEvent[]> = { teacher: [], student: [] };
  for (const event of reader.events) {
    if (event.kind === 'step') arm.steps[event.stage].push(event);
    else if (event.kind === 'evaluation') arm.evaluations[event.role].push(event);
    else if (event.kind === 'sample') samples[event.stage].push(event);
    else if (event.kind === 'warning') arm.warnings.push(event.message);
  }
  const show = async (event: SampleEvent): Promise<ShownSample[]> => {
    try {
      return [{ event, layers: await readSample(reader.folder, event) }];
    } catch (error) {
      arm.missing.push((error as Error).message);
      return [];
    }
  };
  for (const stage of ['teacher', 'student'] as const) {
    const last = samples[stage].at(-1);
    if (last) arm.samples.push(...(await show(last)));
  }
  const same = samples.student.filter((event) => event.id === samples.student.at(-1)?.id);
  for (const event of spread(same, COURSE)) arm.course.push(...(await show(event)));
  return arm;
}

/** At most `count` of the items, evenly spread, first and last among them. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}

/** The evaluation with the highest mIoU; the earliest of equals. */
export function bestOf(evaluations: readonly EvaluationEvent[]): EvaluationEvent | undefined {
  return evaluations.reduce<EvaluationEvent | undefined>(
    (best, event) => (best && best.miou >= event.miou ? best : event),
    undefined,
  );
}
