import { count } from '../model/format';
import { el } from '../ui/dom';
import { t } from '../ui/l10n';
import { type Slider, slider } from '../ui/slider';
import { button } from '../ui/toolkit';

/** Where one is among the samples that were found: slider, number, previous and next. */
export class Walk {
  readonly root: HTMLElement;
  readonly #slider: Slider;
  readonly #index = el('input', {
    class: 'sample-index',
    type: 'number',
    min: 0,
    step: 1,
    'aria-label': t('Index in the split'),
  });
  #indices: Int32Array = new Int32Array();
  #at = 0;

  /** @param onGo told the index within the split */
  constructor(private readonly onGo: (index: number) => void) {
    this.#slider = slider({
      label: t('Sample'),
      min: 0,
      max: 0,
      step: 1,
      value: 0,
      text: (at) =>
        this.#indices.length > 0 ? t('{0} of {1}', count(at + 1), count(this.#indices.length)) : t('none'),
      onInput: (at) => this.#go(at),
    });
    this.#slider.root.classList.add('wide');
    this.#index.addEventListener('change', () => this.#jump(Number(this.#index.value)));
    this.root = el(
      'div',
      { class: 'toolbar' },
      button(t('Previous'), { title: t('Previous sample (p or Page Up)'), onClick: () => this.step(-1) }),
      button(t('Next'), { title: t('Next sample (n or Page Down)'), onClick: () => this.step(1) }),
      this.#slider.root,
      el('label', { class: 'field' }, el('span', { class: 'field-label' }, t('Index')), this.#index),
    );
  }

  /** Other samples were found; stays at the sample of this index if it is among them, else at the next after it. */
  show(indices: Int32Array, index: number): number | undefined {
    this.#indices = indices;
    this.#at = this.#nearest(index);
    this.#slider.set(this.#at, Math.max(0, indices.length - 1));
    const found = indices[this.#at];
    this.#index.value = found === undefined ? '' : String(found);
    return found;
  }

  step(by: number): void {
    this.#go(this.#at + by);
  }

  #go(at: number): void {
    const next = Math.min(this.#indices.length - 1, Math.max(0, at));
    const index = this.#indices[next];
    if (index === undefined) return;
    this.#at = next;
    this.#slider.set(next);
    this.#index.value = String(index);
    this.onGo(index);
  }

  /** The typed index, or the next that was found. */
  #jump(index: number): void {
    if (Number.isInteger(index)) this.#go(this.#nearest(index));
  }

  /** Place of the first index that is not smaller; the last place if all are. */
  #nearest(index: number): number {
    let [low, high] = [0, this.#indices.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#indices[middle]! < index) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, Math.max(0, this.#indices.length - 1));
  }
}
