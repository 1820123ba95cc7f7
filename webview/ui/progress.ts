import { el } from './dom';

export interface ProgressBar {
  root: HTMLElement;
  /** @param text what a screen reader says instead of a bare percentage. */
  set(fraction: number, text: string, moving: boolean): void;
}

export function progressBar(label: string): ProgressBar {
  const fill = el('div', { class: 'progress-fill' });
  const root = el(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100 },
    fill,
  );
  return {
    root,
    set(fraction, text, moving) {
      const whole = Math.min(100, Math.max(0, fraction * 100));
      fill.style.width = `${whole}%`;
      root.classList.toggle('moving', moving);
      root.setAttribute('aria-valuenow', whole.toFixed(0));
      root.setAttribute('aria-valuetext', text);
    },
  };
}
