import fs from 'node:fs';
import { basename, join } from 'node:path';
import {
  EventEmitter,
  type FileSystemWatcher,
  type LogOutputChannel,
  RelativePattern,
  type WorkspaceFolder,
  workspace,
} from 'vscode';
import type { FlatConfig, RunSummary } from '../../protocol/run';
import { flattenConfig } from '../../run/flat-config';
import { listRunFolders, runFiles, runsFolder } from '../../run/run-folder';
import { RunReader } from '../../run/run-reader';
import { type SummaryCache, stampOf } from '../../run/summary-cache';
import { DisposableOwner } from '../lifecycle';
import { messageOf } from '../log';
import { isActive } from '../text';
import { Throttle } from '../throttle';
import { FolderWatches } from './folder-watches';

/** A run folder as lists show it: a summary, or why there is none. */
export type KnownRun =
  | {
      kind: 'run';
      folder: string;
      summary: RunSummary;
      configFile: string | undefined;
      config: FlatConfig;
    }
  | { kind: 'broken'; folder: string; problem: string };

interface Entry {
  known: KnownRun | undefined;
  /** Kept only while the run goes on: the events of all runs ever made would fill the memory. */
  reader: RunReader | undefined;
  /** Modification times of what people and workers change when it was last read. */
  times: string;
  pending: NodeJS.Timeout | undefined;
  /** Reads of one run follow each other: two at once would read the same lines twice. */
  reading: Promise<void>;
}

const DEBOUNCE_MS = 100;
const BETWEEN_CHANGES_MS = 50;
/** Whole journals are read; a thousand at once would fill the memory. */
const READERS = 6;
const POLL_ACTIVE_MS = 2_000;
const POLL_IDLE_MS = 10_000;

/**
 * All runs of the workspace, kept up to date from their folders: by file watching, by what our own workers say, and by
 * slow polling, because watchers fail on some remote file systems and a killed process writes nothing.
 */
export class RunStore extends DisposableOwner {
  readonly #entries = new Map<string, Entry>();
  readonly #log: LogOutputChannel;
  readonly #cache: SummaryCache | undefined;
  /** `runs`, until one of them is another: many ask, again and again. */
  #sorted: KnownRun[] | undefined;
  readonly #changed = this.own(new EventEmitter<void>());
  /** Everybody then looks at all runs: not a thousand times while a window opens. */
  readonly #telling = this.own(new Throttle(() => this.#changed.fire(), BETWEEN_CHANGES_MS));
  readonly #grown = this.own(new EventEmitter<string>());
  /** A run came, went, or its summary is another. */
  readonly onDidChange = this.#changed.event;
  /** There is something new to read in this run folder. */
  readonly onDidGrow = this.#grown.event;
  readonly #workspaceWatchers: FileSystemWatcher[] = [];
  readonly #folderWatches = this.own(new FolderWatches((folder) => this.#watched(folder)));
  #scanned = false;
  #scanning: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;

  /** @param cache without it every journal is read when the window opens */
  constructor(log: LogOutputChannel, cache?: SummaryCache) {
    super();
    this.#log = log;
    this.#cache = cache;
    this.own(workspace.onDidChangeWorkspaceFolders(() => this.#watchWorkspace()));
    this.own({
      dispose: () => {
        clearTimeout(this.#poll);
        clearTimeout(this.#scanning);
        for (const entry of this.#entries.values()) clearTimeout(entry.pending);
        for (const watcher of this.#workspaceWatchers) watcher.dispose();
      },
    });
    this.#watchWorkspace();
    this.#pollLater();
  }

  /** Newest first; ids begin with the time. */
  get runs(): readonly KnownRun[] {
    this.#sorted ??= [...this.#entries.values()]
      .flatMap(({ known }) => (known ? [{ known, id: basename(known.folder) }] : []))
      .sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0))
      .map(({ known }) => known);
    return this.#sorted;
  }

  get summaries(): RunSummary[] {
    return this.runs.flatMap((run) => (run.kind === 'run' ? [run.summary] : []));
  }

  get(folder: string): KnownRun | undefined {
    return this.#entries.get(folder)?.known;
  }

  /** What the Live view shows: the newest run that goes on, else the newest of all. */
  get current(): RunSummary | undefined {
    const all = this.summaries;
    return all.find(isActive) ?? all[0];
  }

  /** Reads a run now; also one whose folder has only just been made. */
  async refresh(folder: string): Promise<KnownRun | undefined> {
    const entry = this.#entry(folder);
    entry.reading = entry.reading.then(() => this.#read(folder, entry));
    await entry.reading;
    return entry.known;
  }

  /** Something in this run folder may be new. */
  touch(folder: string): void {
    const entry = this.#entry(folder);
    entry.pending ??= setTimeout(() => {
      entry.pending = undefined;
      void this.refresh(folder);
    }, DEBOUNCE_MS);
  }

  /** Takes note of run folders that came and went. */
  async scan(): Promise<void> {
    if (this.disposed) return;
    const found = new Set<string>();
    const watched = new Set<string>();
    for (const { uri } of this.#localFolders())
      try {
        // Watched first: what comes between the listing and the watch would be lost.
        watched.add(runsFolder(uri.fsPath));
        this.#folderWatches.keep(new Set([...watched, ...this.#entries.keys()]));
        for (const run of listRunFolders(uri.fsPath)) found.add(run);
      } catch (error) {
        this.#log.warn(messageOf(error));
      }
    this.#folderWatches.keep(new Set([...watched, ...found]));
    let gone = false;
    for (const [folder, entry] of this.#entries)
      if (!found.has(folder)) {
        clearTimeout(entry.pending);
        gone = this.#entries.delete(folder) || gone;
      }
    if (gone) this.#tell();
    const stale = [...found].filter((run) => this.#isStale(run));
    const next = async (): Promise<void> => {
      for (let run = stale.shift(); run !== undefined; run = stale.shift()) await this.refresh(run);
    };
    await Promise.all(Array.from({ length: READERS }, next));
    this.#scanned = true;
    this.#saveCache();
  }

  /** Every run that was there has been read once: only now nothing is known to run. */
  get scanned(): boolean {
    return this.#scanned;
  }

  #saveCache(): void {
    try {
      this.#cache?.save(new Set(this.#entries.keys()));
    } catch (error) {
      this.#log.warn(messageOf(error));
    }
  }

  #entry(folder: string): Entry {
    let entry = this.#entries.get(folder);
    if (!entry) {
      entry = {
        known: undefined,
        reader: undefined,
        times: '',
        pending: undefined,
        reading: Promise.resolve(),
      };
      this.#entries.set(folder, entry);
    }
    return entry;
  }

  /** Runs that go on are always read: their process may be gone. Others only when their description changed. */
  #isStale(folder: string): boolean {
    const entry = this.#entries.get(folder);
    if (!entry?.known) return true;
    if (entry.known.kind === 'run' && isActive(entry.known.summary)) return true;
    return changeTimes(folder) !== entry.times;
  }

  async #read(folder: string, entry: Entry): Promise<void> {
    if (this.disposed) return;
    const times = changeTimes(folder);
    const stamp = entry.reader ? undefined : stampOf(folder);
    let known: KnownRun | undefined;
    let grown = false;
    try {
      const kept = entry.reader ? undefined : this.#cache?.get(folder);
      if (kept) known = { kind: 'run', folder, ...kept, configFile: kept.configFile };
      else if (entry.reader) {
        const { added, rewound } = await entry.reader.refresh();
        grown = rewound || added.length > 0;
      } else {
        entry.reader = await RunReader.open(folder);
        grown = true;
      }
      if (entry.reader) {
        const summary = entry.reader.summary();
        const { configFile, config } = entry.reader.manifest;
        known = { kind: 'run', folder, summary, configFile, config: flattenConfig(config) };
        entry.reader.forget();
        if (!isActive(summary)) {
          entry.reader = undefined;
          this.#cache?.set(folder, stamp, { summary, configFile, config: known.config });
        }
      }
    } catch (error) {
      entry.reader = undefined;
      if (!fs.existsSync(join(folder, runFiles.manifest))) {
        // Deleted, or not yet there.
        if (this.#entries.get(folder) === entry) this.#entries.delete(folder);
        if (entry.known) this.#tell();
        return;
      }
      known = { kind: 'broken', folder, problem: messageOf(error) };
    }
    const changed = JSON.stringify(known) !== JSON.stringify(entry.known);
    // The same object while it says the same: whoever shows it need not look further.
    if (changed) entry.known = known;
    entry.times = times;
    if (changed) this.#tell();
    if (this.disposed) return;
    if (grown || changed) this.#grown.fire(folder);
  }

  #tell(): void {
    this.#sorted = undefined;
    this.#telling.ask();
  }

  #localFolders(): WorkspaceFolder[] {
    return (workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  }

  /** One coarse watcher per workspace folder, to see `.distill` come and go. */
  #watchWorkspace(): void {
    for (const watcher of this.#workspaceWatchers.splice(0)) watcher.dispose();
    for (const folder of this.#localFolders()) {
      const watcher = workspace.createFileSystemWatcher(
        new RelativePattern(folder, '.distill{,/runs,/runs/*}'),
      );
      const rescan = () => this.#scanSoon();
      watcher.onDidCreate(rescan);
      watcher.onDidDelete(rescan);
      this.#workspaceWatchers.push(watcher);
    }
    this.#scanSoon();
  }

  #watched(folder: string): void {
    if (this.#entries.has(folder)) this.touch(folder);
    else this.#scanSoon();
  }

  #scanSoon(): void {
    this.#scanning ??= setTimeout(() => {
      this.#scanning = undefined;
      void this.scan();
    }, DEBOUNCE_MS);
  }

  #pollLater(): void {
    this.#poll = setTimeout(
      async () => {
        await this.scan();
        if (!this.disposed) this.#pollLater();
      },
      this.summaries.some(isActive) ? POLL_ACTIVE_MS : POLL_IDLE_MS,
    );
  }
}

function changeTimes(folder: string): string {
  const time = (name: string) => fs.statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs;
  return `${time(runFiles.manifest)} ${time(runFiles.notes)}`;
}
