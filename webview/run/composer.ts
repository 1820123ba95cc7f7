import { el } from '../ui/dom';
import { t } from '../ui/l10n';
import { slider } from '../ui/slider';
import { checkbox, dropdown } from '../ui/toolkit';
import { type LayerId, layerIds, paneTitle } from '../viewer/layers';
import type { StateStore } from './state';

/** Controls of the pane that shows any layer over any other. */
export class Composer {
  readonly root: HTMLElement;
  readonly #choices = el('span', { class: 'composer-choices' });
  #offered = '';

  constructor(
    private readonly store: StateStore,
    private readonly onChange: () => void,
  ) {
    this.root = el(
      'div',
      { class: 'toolbar composer' },
      checkbox(
        t('Layers of my choice'),
        store.value.composed.on,
        (on) => this.#set({ on }),
        t('One more picture: any layer over any other'),
      ),
      this.#choices,
    );
  }

  /** Offers the layers of the picture that is shown. */
  offer(there: readonly string[]): void {
    const { composed } = this.store.value;
    const ids = layerIds.filter((id) => there.includes(id));
    const shape = JSON.stringify([ids, composed.on]);
    if (shape === this.#offered) return;
    this.#offered = shape;
    this.#choices.hidden = !composed.on;
    const choice = (label: string, key: 'base' | 'over') =>
      dropdown(
        label,
        ids.map((id) => ({ value: id, label: paneTitle[id] })),
        composed[key],
        (id) => this.#set({ [key]: id as LayerId }),
      );
    this.#choices.replaceChildren(
      choice(t('Beneath'), 'base'),
      choice(t('Over it'), 'over'),
      slider({
        label: t('Opacity'),
        min: 0,
        max: 100,
        step: 1,
        value: Math.round(composed.opacity * 100),
        text: (v) => `${v} %`,
        onInput: (v) => this.#set({ opacity: v / 100 }),
      }).root,
    );
  }

  #set(change: Partial<StateStore['value']['composed']>): void {
    this.store.set({ composed: { ...this.store.value.composed, ...change } });
    this.onChange();
  }
}
