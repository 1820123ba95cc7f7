import { join } from 'node:path';
import type { RunEvent, StageId } from '../../protocol/events';
import { writeWhole } from '../files';
import { RunReader } from '../run-reader';
import { record, type Scalar, scalarEvent, versionEvent } from './records';

/**
 * Writes what TensorBoard shows of a run beside its journal, into `events.out.tfevents.*`: loss and its terms,
 * learning rate, speed and scores, the teacher's and the student's stage as two series of steps. A file that was
 * written before is replaced as a whole, so that it never tells of steps that a resumed run has done again.
 * @returns the file. Errors: run-missing, run-broken, disk-full, io.
 */
export async function exportTensorboard(runFolder: string): Promise<string> {
  const { events, manifest } = await RunReader.open(runFolder);
  const names = manifest.classes.map(({ name }) => name);
  const begun = Math.floor(manifest.createdAt / 1000);
  // The name says when and where, as TensorBoard's own writers do it; the same every time, so that it is replaced.
  const file = join(runFolder, `events.out.tfevents.${begun}.${safe(manifest.host.name)}`);
  const records = [versionEvent(manifest.createdAt), ...events.flatMap((event) => recordsOf(event, names))];
  writeWhole(file, Buffer.concat(records.map(record)));
  return file;
}

function recordsOf(event: RunEvent, classes: readonly string[]): Buffer[] {
  if (event.kind === 'step') {
    const tag = (name: string) => tagOf(event.stage, name);
    const scalars: Scalar[] = [
      { tag: tag('loss'), value: event.loss },
      ...Object.entries(event.terms).map(([id, value]) => ({ tag: tag(`loss/${id}`), value })),
      { tag: tag('learning rate'), value: event.lr },
      { tag: tag('milliseconds per step'), value: event.ms },
    ];
    return [scalarEvent(event.at, event.step, scalars)];
  }
  if (event.kind === 'evaluation') {
    const tag = (name: string) => tagOf(event.stage, `${event.role} ${name}`);
    const scalars: Scalar[] = [
      { tag: tag('mIoU'), value: event.miou },
      { tag: tag('mIoU of present classes'), value: event.miouPresent },
      { tag: tag('pixel accuracy'), value: event.pixelAccuracy },
      ...event.iou.flatMap((value, id) =>
        value === null ? [] : [{ tag: tag(`IoU/${classes[id] ?? id}`), value }],
      ),
    ];
    return [scalarEvent(event.at, event.step, scalars)];
  }
  return [];
}

const tagOf = (stage: StageId, name: string): string => `${stage}/${name}`;
const safe = (name: string): string => name.replace(/[^\w.-]+/g, '-') || 'host';
