import type { RunEvent } from '../protocol/events';
import type { RunManifest, RunNotes, RunSummary } from '../protocol/run';
import { EffectiveEvents } from './effective-events';
import { JournalTail } from './journal';
import { readManifest } from './manifest';
import { readNotes } from './notes';
import { remembered } from './remembered';
import { isTrained, statusOf, summarize } from './summary';

/**
 * A run as seen from outside, kept up to date at little cost: each `refresh` reads only what came since the last. Any
 * number of readers may look at a run that is being trained.
 */
export class RunReader {
  readonly folder: string;
  #tail: JournalTail;
  #effective = new EffectiveEvents();
  /** What is left of the events that were forgotten, in place of `#effective`. */
  #remembered: RunEvent[] | undefined;
  #manifest: RunManifest;
  #notes: RunNotes;
  #alive = false;

  private constructor(folder: string, manifest: RunManifest) {
    this.folder = folder;
    this.#manifest = manifest;
    this.#notes = readNotes(folder);
    this.#tail = new JournalTail(folder);
  }

  /** Errors: run-missing, run-broken, io. */
  static async open(folder: string): Promise<RunReader> {
    const reader = new RunReader(folder, readManifest(folder));
    await reader.refresh();
    return reader;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  /** The events that count, oldest first; after `forget` what is left of them. */
  get events(): readonly RunEvent[] {
    return this.#remembered ?? this.#effective.events;
  }

  /**
   * Lets go of what neither `summary` nor a picture needs, now and of what `refresh` will bring: a day of training has a
   * million steps. When the journal is rewound, all events are there again.
   */
  forget(): void {
    this.#remembered = remembered(this.events);
    this.#effective = new EffectiveEvents();
  }

  /** Journal lines that could not be understood. */
  get damagedLines(): number {
    return this.#tail.damaged;
  }

  /**
   * Reads what is new.
   * @returns the new events; `rewound` when earlier ones no longer count, so that what was shown of them is to be
   *   replaced by `events`
   */
  async refresh(): Promise<{ added: RunEvent[]; rewound: boolean }> {
    // A run that ends writes its last events, then its manifest, then lets go of its lock. Read the other way round, what is
    // seen later is never older than what is seen first: no ended run without its last score, none shown as crashed.
    this.#alive = isTrained(this.folder);
    this.#manifest = readManifest(this.folder);
    this.#notes = readNotes(this.folder);
    const read = await this.#tail.read();
    if (!this.#remembered) return this.#take(read);
    if (read.some(({ kind }) => kind === 'resume')) {
      // Which of the forgotten ones count no longer is in the journal alone.
      this.#remembered = undefined;
      this.#tail = new JournalTail(this.folder);
      return { ...this.#take(await this.#tail.read()), rewound: true };
    }
    const entered = new Set(this.#remembered.flatMap((e) => (e.kind === 'stage' ? [e.stage] : [])));
    const added = read.filter((event) => event.kind !== 'stage' || !entered.has(event.stage));
    this.#remembered = remembered([...this.#remembered, ...added]);
    return { added, rewound: false };
  }

  #take(read: readonly RunEvent[]): { added: RunEvent[]; rewound: boolean } {
    const added: RunEvent[] = [];
    let rewound = false;
    for (const event of read) {
      const result = this.#effective.push(event);
      if (result !== 'ignored') added.push(event);
      rewound ||= result === 'rewound';
    }
    return { added, rewound };
  }

  summary(): RunSummary {
    return summarize(
      this.folder,
      this.#manifest,
      this.#notes,
      this.events,
      statusOf(this.folder, this.#manifest, this.events, this.#alive || isTrained(this.folder)),
    );
  }
}
