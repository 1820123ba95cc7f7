import { el, setText } from './dom';

export interface SliderOptions {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  /** What stands behind the slider and what a screen reader says. */
  text(value: number): string;
  onInput(value: number): void;
}

export interface Slider {
  root: HTMLElement;
  /** Moves the slider without telling. */
  set(value: number, max?: number): void;
}

/** A native range input: the toolkit has none, and arrows, Home and End work by themselves. */
export function slider(options: SliderOptions): Slider {
  const input = el('input', {
    type: 'range',
    min: options.min,
    max: options.max,
    step: options.step,
    'aria-label': options.label,
  });
  const output = el('output', { class: 'slider-value' });
  const show = () => {
    const value = Number(input.value);
    const span = Number(input.max) - Number(input.min);
    input.style.setProperty('--fill', `${span > 0 ? ((value - Number(input.min)) / span) * 100 : 100}%`);
    input.setAttribute('aria-valuetext', options.text(value));
    setText(output, options.text(value));
  };
  input.value = String(options.value);
  input.addEventListener('input', () => {
    show();
    options.onInput(Number(input.value));
  });
  show();
  return {
    root: el(
      'label',
      { class: 'field slider' },
      el('span', { class: 'field-label' }, options.label),
      input,
      output,
    ),
    set(value, max) {
      if (max !== undefined) input.max = String(max);
      input.value = String(value);
      show();
    },
  };
}
