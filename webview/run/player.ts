import { el } from '../ui/dom';
import { t } from '../ui/l10n';
import { wantsLessMotion } from '../ui/motion';

/** Long enough to see what a picture shows. */
const PACE_MS = 700;
/** Slides rather than a film, for those who asked for less motion. */
const CALM_PACE_MS = 3000;

/** Goes through the steps one after the other, from the first again when it was at the last. */
export class Player {
  readonly root: HTMLElement;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param next goes one step on, or to the first; false at the end */
  constructor(private readonly next: (restart: boolean) => boolean) {
    this.root = el('button', { class: 'play', onclick: () => this.#toggle() });
    this.#label();
    // Nobody watches a panel that is hidden.
    document.addEventListener('visibilitychange', () => document.hidden && this.stop());
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#label();
  }

  #toggle(): void {
    if (this.#timer !== undefined) {
      this.stop();
      return;
    }
    if (!this.next(false)) this.next(true);
    this.#timer = setInterval(
      () => {
        if (!this.next(false)) this.stop();
      },
      wantsLessMotion() ? CALM_PACE_MS : PACE_MS,
    );
    this.#label();
  }

  #label(): void {
    const playing = this.#timer !== undefined;
    this.root.textContent = playing ? '❚❚' : '▶';
    this.root.setAttribute('aria-label', playing ? t('Stop playing the steps') : t('Play through the steps'));
    this.root.title = playing ? t('Stop') : t('Play through the steps');
  }
}
