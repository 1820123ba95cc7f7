import { t } from '../ui/l10n';
import { slider } from '../ui/slider';

/** How much of what lies over the photographs is seen, 0 to 1. */
export function opacitySlider(value: number, onInput: (opacity: number) => void): HTMLElement {
  return slider({
    label: t('Overlay'),
    min: 0,
    max: 100,
    step: 1,
    value: Math.round(value * 100),
    text: (v) => `${v} %`,
    onInput: (v) => onInput(v / 100),
  }).root;
}
