import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DistillError, describeIoError } from '../../protocol/errors';
import { readIfPresent, writeWhole } from '../files';
import { runFiles, runsFolder } from '../run-folder';

const recordsSchema = z.object({
  version: z.literal(1),
  /** By `arm/seed`. `run`: id of the run folder. `config`: fingerprint of what it was trained with. */
  cells: z.record(z.string(), z.object({ run: z.string().regex(/^[\w.-]+$/), config: z.string() })),
});
type Records = z.infer<typeof recordsSchema>;

/** Which run belongs to which cell of a study: `cells.json` in its folder, replaced as a whole with every new run. */
export class StudyRecords {
  readonly #file: string;
  readonly #workspace: string;
  readonly #records: Records;

  private constructor(file: string, workspace: string, records: Records) {
    this.#file = file;
    this.#workspace = workspace;
    this.#records = records;
  }

  /** @param folder of the study, made if it is not there. Errors: io, run-broken (the file is damaged). */
  static open(folder: string, workspace: string): StudyRecords {
    const file = join(folder, 'cells.json');
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw describeIoError(error, folder);
    }
    return new StudyRecords(file, workspace, readRecords(file));
  }

  /** Folder of the run that was trained with this configuration; undefined if there is none (any more). */
  find(key: string, config: string): string | undefined {
    const cell = this.#records.cells[key];
    if (cell?.config !== config) return undefined;
    const folder = join(runsFolder(this.#workspace), cell.run);
    return existsSync(join(folder, runFiles.manifest)) ? folder : undefined;
  }

  /** Whether the cell was trained before, with whatever configuration. */
  has(key: string): boolean {
    return Object.hasOwn(this.#records.cells, key);
  }

  set(key: string, run: string, config: string): void {
    this.#records.cells[key] = { run, config };
    writeWhole(this.#file, `${JSON.stringify(this.#records, null, 2)}\n`);
  }
}

function readRecords(file: string): Records {
  const data = readIfPresent(file);
  if (!data) return { version: 1, cells: {} };
  try {
    return recordsSchema.parse(JSON.parse(data.toString('utf8')));
  } catch (error) {
    throw new DistillError('run-broken', 'The records of the study are damaged.', {
      where: file,
      remedy: 'Delete the file to train all of the study anew; the runs themselves stay.',
      cause: error,
    });
  }
}
