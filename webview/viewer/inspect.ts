import { number, percent } from '../model/format';
import { outcome, outcomeStyle } from '../paint/difference';
import { maskStyle } from '../paint/mask';
import { IGNORE } from '../paint/table';
import { t } from '../ui/l10n';
import type { PaneId } from './layers';
import { type Guess, guessesAt, type Picture, sampleAt } from './picture';

export interface ClassInfo {
  name: string;
  color: [number, number, number];
}

/** One thing that is known about a pixel; `pane` says whose caption shows it. */
export interface Fact {
  pane: Exclude<PaneId, 'image' | 'composed'>;
  label: string;
  text: string;
  /** Class id, for a swatch. */
  classId?: number;
}

export function className(classes: readonly ClassInfo[], id: number): string {
  return id === IGNORE ? t('not labelled') : (classes[id]?.name ?? t('class {0}', id));
}

/** The class, and how sure the network is of it and of the next likely ones. */
function said(classes: readonly ClassInfo[], id: number, guesses: readonly Guess[]): string {
  if (guesses.length === 0) return className(classes, id);
  return guesses
    .map(({ classId, probability }) => `${className(classes, classId)} ${percent(probability, 0)} %`)
    .join(', ');
}

/** Everything that is known about one pixel of a sample, in the order of the panes. */
export function inspect(picture: Picture, classes: readonly ClassInfo[], x: number, y: number): Fact[] {
  const facts: Fact[] = [];
  const { bytes, floats, difference } = picture;
  const names = { label: t('Ground truth'), teacher: t('Teacher'), student: t('Student') } as const;
  for (const pane of ['label', 'teacher', 'student'] as const) {
    const plane = bytes[pane];
    if (!plane) continue;
    const id = sampleAt(plane, picture, x, y);
    const guesses = pane === 'label' ? [] : guessesAt(picture, pane, x, y);
    facts.push({ pane, label: names[pane], text: said(classes, id, guesses), classId: id });
  }
  if (difference) {
    const kind = sampleAt(difference, picture, x, y);
    const name = (Object.keys(outcome) as (keyof typeof outcome)[]).find((o) => outcome[o] === kind)!;
    const words =
      name === 'ignored'
        ? t('not labelled')
        : name === 'right'
          ? bytes.teacher
            ? t('Both right')
            : t('Right')
          : bytes.teacher
            ? outcomeStyle[name].label
            : t('Wrong');
    facts.push({ pane: 'difference', label: t('Outcome'), text: words });
  }
  if (floats.difficulty)
    facts.push({
      pane: 'difficulty',
      label: t('Difficulty'),
      text: number(sampleAt(floats.difficulty, picture, x, y)),
    });
  if (floats.weight)
    facts.push({
      pane: 'weight',
      label: t('Weight in the task loss'),
      text: number(sampleAt(floats.weight, picture, x, y)),
    });
  if (bytes.mask) {
    const value = sampleAt(bytes.mask, picture, x, y);
    facts.push({ pane: 'mask', label: 'TSE', text: maskStyle[value]?.label ?? t('value {0}', value) });
  }
  if (floats.noise)
    facts.push({
      pane: 'noise',
      label: t('Noised label'),
      text: number(sampleAt(floats.noise, picture, x, y)),
    });
  if (floats.noise2)
    facts.push({
      pane: 'noise2',
      label: t('Second path'),
      text: number(sampleAt(floats.noise2, picture, x, y)),
    });
  return facts;
}
