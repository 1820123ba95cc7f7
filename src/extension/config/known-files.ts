import { lstat } from 'node:fs/promises';
import type { WeightTable } from '../../nn/weights/weight-file';
import type { DatasetReport } from '../../protocol/dataset-report';
import type { DistillError } from '../../protocol/errors';
import { disk, type Files, type PathKind } from '../../run/check/files';

type Known = { kind: PathKind; link: boolean; changed: number; size: number };

/**
 * The disk as it was when it was last looked at. A check of a configuration asks this instead of the disk, so that no key press
 * waits for it; what it asks for the first time is looked up afterwards, and the check repeated.
 */
export class KnownFiles implements Files {
  readonly #paths = new Map<string, Known>();
  readonly #wanted = new Set<string>();
  readonly #classes = new Map<string, number | undefined>();
  readonly #weights = new Map<string, WeightTable | DistillError | undefined>();
  readonly #reports = new Map<string, DatasetReport | undefined>();
  /** Not before somebody asks: where no configuration is open, nobody does. */
  #auto: { is: 'wasm' | undefined } | undefined;
  #looking: Promise<boolean> | undefined;

  kind(path: string): PathKind {
    return this.#known(path)?.kind ?? 'unknown';
  }

  isLink(path: string): boolean {
    return this.#known(path)?.link ?? false;
  }

  classes(folder: string): number | undefined {
    return this.#ask(this.#classes, folder);
  }

  datasetReport(file: string): DatasetReport | undefined {
    return this.#ask(this.#reports, file);
  }

  weights(file: string): WeightTable | DistillError | undefined {
    return this.#ask(this.#weights, file);
  }

  autoEngine(): 'wasm' | undefined {
    this.#auto ??= { is: disk.autoEngine() };
    return this.#auto.is;
  }

  /** Something was asked for that nobody has looked at yet. */
  get wanting(): boolean {
    return this.#wanted.size > 0;
  }

  /** Looks at what was asked for. Tells whether anything is now known to be otherwise than it was. */
  settle(): Promise<boolean> {
    return this.#oneAtATime(() => this.#lookAt([...this.#wanted]));
  }

  /** Looks at everything again. */
  refresh(): Promise<boolean> {
    this.#auto = undefined;
    return this.#oneAtATime(() => this.#lookAt([...this.#paths.keys(), ...this.#wanted]));
  }

  #known(path: string): Known | undefined {
    const known = this.#paths.get(path);
    if (!known) this.#wanted.add(path);
    return known;
  }

  /** Contents are read after the path was looked at, and again when it has changed. */
  #ask<T>(contents: Map<string, T | undefined>, path: string): T | undefined {
    if (!contents.has(path)) {
      contents.set(path, undefined);
      this.#paths.delete(path);
      this.#wanted.add(path);
    }
    return contents.get(path);
  }

  async #oneAtATime(look: () => Promise<boolean>): Promise<boolean> {
    const before = this.#looking;
    const looking = (async () => {
      await before;
      return await look();
    })();
    this.#looking = looking;
    return await looking;
  }

  async #lookAt(paths: readonly string[]): Promise<boolean> {
    const changes = await Promise.all(
      paths.map(async (path) => {
        this.#wanted.delete(path);
        const before = this.#paths.get(path);
        const now = await look(path);
        this.#paths.set(path, now);
        if (before && JSON.stringify(before) === JSON.stringify(now)) return false;
        if (this.#classes.has(path)) this.#classes.set(path, disk.classes(path));
        if (this.#reports.has(path)) this.#reports.set(path, disk.datasetReport(path));
        if (this.#weights.has(path)) this.#weights.set(path, disk.weights(path));
        return true;
      }),
    );
    return changes.includes(true);
  }
}

async function look(path: string): Promise<Known> {
  try {
    const stat = await lstat(path);
    const link = stat.isSymbolicLink();
    const kind = link ? disk.kind(path) : stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other';
    return { kind, link, changed: stat.mtimeMs, size: stat.size };
  } catch {
    return { kind: 'missing', link: false, changed: 0, size: 0 };
  }
}
