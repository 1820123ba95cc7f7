import fs from 'node:fs';
import { join } from 'node:path';
import type { FlatConfig, RunSummary } from '../protocol/run';
import { writeWhole } from './files';
import { runFiles } from './run-folder';

/** What is known of a run that has ended, as far as lists need it. */
export interface EndedRun {
  summary: RunSummary;
  configFile?: string | undefined;
  config: FlatConfig;
}

interface Entry extends EndedRun {
  stamp: string;
}

/**
 * Summaries of ended runs across window reloads: a journal may have a hundred thousand lines, and a workspace a thousand
 * runs. What is kept counts as long as the files of the run are those it was made from; without it all is read anew.
 */
export class SummaryCache {
  readonly #file: string;
  readonly #version: string;
  #entries: Map<string, Entry> | undefined;
  #dirty = false;

  /** @param version of who makes the summaries; those of another version are not used */
  constructor(file: string, version: string) {
    this.#file = file;
    this.#version = version;
  }

  get(folder: string): EndedRun | undefined {
    const entry = this.#load().get(folder);
    if (!entry || entry.stamp !== stampOf(folder)) return undefined;
    const { summary, configFile, config } = entry;
    return { summary, configFile, config };
  }

  /** @param stamp `stampOf` from before the run was read */
  set(folder: string, stamp: string | undefined, run: EndedRun): void {
    if (stamp === undefined) return;
    this.#load().set(folder, { stamp, ...run });
    this.#dirty = true;
  }

  /** Writes what is known of these runs, and forgets others. Errors: disk-full, io. */
  save(folders: ReadonlySet<string>): void {
    const entries = this.#load();
    for (const folder of entries.keys())
      if (!folders.has(folder)) this.#dirty = entries.delete(folder) || this.#dirty;
    if (!this.#dirty) return;
    fs.mkdirSync(join(this.#file, '..'), { recursive: true });
    writeWhole(this.#file, JSON.stringify({ version: this.#version, runs: [...entries] }));
    this.#dirty = false;
  }

  #load(): Map<string, Entry> {
    if (this.#entries) return this.#entries;
    this.#entries = new Map();
    try {
      const { version, runs } = JSON.parse(fs.readFileSync(this.#file, 'utf8'));
      if (version === this.#version) this.#entries = new Map(runs);
    } catch {
      // The first time, or damaged.
    }
    return this.#entries;
  }
}

/** Changes when what the summary is made from changes; undefined for a run that somebody may be training. */
export function stampOf(folder: string): string | undefined {
  const stat = (name: string) => fs.statSync(join(folder, name), { throwIfNoEntry: false });
  if (stat(runFiles.lock)) return undefined;
  return [runFiles.manifest, runFiles.journal, runFiles.notes]
    .map((name) => stat(name))
    .map((found) => (found ? `${found.size}:${found.mtimeMs}` : '-'))
    .join(' ');
}
