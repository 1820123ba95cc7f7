import { setTimeout as pause } from 'node:timers/promises';
import type { Checkpoint, TrainerEvent, TrainerHost } from '../distill/host';
import type { RunEvent, StageId } from '../protocol/events';
import { writeBest, writeCheckpoint } from '../run/checkpoints';
import type { JournalWriter } from '../run/journal';
import { isRequested, type RunRequestKind } from '../run/run-folder';
import { scoreSample } from '../run/sample-scores';
import { writeSample } from '../run/samples';

/** Asking the file system at every step would cost more than a small step itself. */
const REQUEST_POLL_MS = 200;
const MEMORY_MS = 2_000;

/** Lets a training write into its run folder, and tells listeners what was written. */
export class RunHost implements TrainerHost {
  readonly #folder: string;
  readonly #journal: JournalWriter;
  readonly #onEvent: ((event: RunEvent) => void) | undefined;
  readonly #stop: (() => boolean) | undefined;
  readonly #requests: Record<RunRequestKind, boolean> = { stop: false, pause: false };
  #polled = 0;
  #measured = 0;

  constructor(options: {
    folder: string;
    journal: JournalWriter;
    onEvent?: ((event: RunEvent) => void) | undefined;
    stopRequested?: (() => boolean) | undefined;
  }) {
    this.#folder = options.folder;
    this.#journal = options.journal;
    this.#onEvent = options.onEvent;
    this.#stop = options.stopRequested;
  }

  emit(event: TrainerEvent): void {
    this.record(event.kind === 'step' ? this.#withMemory(event) : event);
  }

  /** Writes an event of any kind to the journal. */
  record(event: Untimed<RunEvent>): void {
    const timed = { ...event, at: Date.now() } as RunEvent;
    this.#journal.append(timed);
    this.#onEvent?.(timed);
  }

  async sample({ stage, step, id, layers }: Parameters<TrainerHost['sample']>[0]): Promise<void> {
    const described = writeSample(this.#folder, { stage, step, id, layers });
    this.record({ kind: 'sample', stage, step, id, layers: described, scores: scoreSample(layers) });
  }

  async checkpoint(checkpoint: Checkpoint): Promise<void> {
    // A run that goes on from here must find everything that led here in its journal.
    this.#journal.flush();
    const file = writeCheckpoint(this.#folder, checkpoint);
    this.record({ kind: 'checkpoint', stage: checkpoint.stage, step: checkpoint.step, file });
  }

  async best({ role, weights }: Parameters<TrainerHost['best']>[0]): Promise<void> {
    writeBest(this.#folder, role, weights);
  }

  stopRequested(): boolean {
    if (this.#stop?.()) return true;
    this.#poll();
    return this.#requests.stop;
  }

  pauseRequested(): boolean {
    this.#poll();
    return this.#requests.pause;
  }

  async rest(at: { stage: StageId; step: number }): Promise<void> {
    this.record({ kind: 'paused', ...at });
    this.#journal.flush();
    while (this.pauseRequested() && !this.stopRequested()) await pause(REQUEST_POLL_MS);
    if (!this.stopRequested()) this.record({ kind: 'continued', ...at });
  }

  #poll(): void {
    const now = Date.now();
    if (now - this.#polled < REQUEST_POLL_MS) return;
    this.#polled = now;
    for (const kind of ['stop', 'pause'] as const) this.#requests[kind] = isRequested(this.#folder, kind);
  }

  #withMemory<E extends object>(event: E): E {
    const now = Date.now();
    if (now - this.#measured < MEMORY_MS) return event;
    this.#measured = now;
    return { ...event, memory: process.memoryUsage.rss() };
  }
}

type Untimed<E> = E extends unknown ? Omit<E, 'at'> : never;
