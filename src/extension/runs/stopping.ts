import { basename } from 'node:path';
import { l10n, window } from 'vscode';
import { DisposableOwner } from '../lifecycle';
import { isActive } from '../text';
import type { RunStore } from './store';
import type { Trainings } from './trainings';

/** After this long a stop is slow enough to ask whether to wait for it. */
const PATIENCE_MS = 30_000;

/** First an orderly end; who asks again, or has waited long, is offered an end at once. */
export class Stopping extends DisposableOwner {
  readonly #store: RunStore;
  readonly #trainings: Trainings;
  readonly #asked = new Map<string, NodeJS.Timeout>();

  constructor(store: RunStore, trainings: Trainings) {
    super();
    this.#store = store;
    this.#trainings = trainings;
    this.own(
      store.onDidChange(() => {
        for (const folder of this.#asked.keys()) if (!this.#goesOn(folder)) this.#forget(folder);
      }),
    );
    this.own({
      dispose: () => {
        for (const timer of this.#asked.values()) clearTimeout(timer);
      },
    });
  }

  /** @returns what was done: `asked` the run to end, or `offered` to end it at once */
  stop(folder: string): 'asked' | 'offered' {
    if (this.#asked.has(folder)) {
      void this.#offerKill(folder);
      return 'offered';
    }
    this.#trainings.stop(folder);
    this.#asked.set(
      folder,
      setTimeout(() => void this.#offerKill(folder), PATIENCE_MS),
    );
    return 'asked';
  }

  async #offerKill(folder: string): Promise<void> {
    if (!this.#goesOn(folder)) return;
    const now = l10n.t('End Now');
    const choice = await window.showWarningMessage(
      l10n.t(
        '{0} is still busy before it can stop. Ended now, it loses what came after its last checkpoint.',
        basename(folder),
      ),
      now,
    );
    if (choice === now && this.#goesOn(folder)) this.#trainings.kill(folder);
  }

  #goesOn(folder: string): boolean {
    const known = this.#store.get(folder);
    return known?.kind === 'run' && isActive(known.summary);
  }

  #forget(folder: string): void {
    clearTimeout(this.#asked.get(folder));
    this.#asked.delete(folder);
  }
}
