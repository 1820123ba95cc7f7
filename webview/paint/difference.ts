import { t } from '../ui/l10n';
import { pack, type Rgb } from './color';
import { IGNORE, type Table } from './table';

/** What student and teacher made of a pixel. Without a teacher only `right` and `studentWrong` occur. */
export const outcome = {
  ignored: 0,
  right: 1,
  studentWrong: 2,
  teacherWrong: 3,
  sameMistake: 4,
  ownMistakes: 5,
} as const;
export type Outcome = keyof typeof outcome;

/** Okabe and Ito's palette: told apart with any colour vision. */
export const outcomeStyle: Record<Exclude<Outcome, 'ignored' | 'right'>, { label: string; color: Rgb }> = {
  studentWrong: { label: t('Only the student is wrong'), color: [230, 120, 0] },
  teacherWrong: { label: t('Only the teacher is wrong'), color: [86, 180, 233] },
  sameMistake: { label: t('Both wrong, same answer'), color: [204, 80, 160] },
  ownMistakes: { label: t('Both wrong, other answers'), color: [240, 228, 66] },
};

export type DifferenceMode = 'all' | 'errors' | 'disagreement';
const shownIn: Record<DifferenceMode, readonly Outcome[]> = {
  all: ['studentWrong', 'teacherWrong', 'sameMistake', 'ownMistakes'],
  errors: ['studentWrong', 'sameMistake', 'ownMistakes'],
  disagreement: ['studentWrong', 'teacherWrong', 'ownMistakes'],
};

/** Categories a mode paints, in the order of the legend. */
export function shownOutcomes(mode: DifferenceMode, teacher: boolean): (keyof typeof outcomeStyle)[] {
  const all = Object.keys(outcomeStyle) as (keyof typeof outcomeStyle)[];
  return all.filter((o) => shownIn[mode].includes(o) && (teacher || o === 'studentWrong'));
}

export function differenceTable(mode: DifferenceMode, opacity: number): Table {
  const table = new Uint32Array(256);
  for (const name of shownOutcomes(mode, true)) {
    const [r, g, b] = outcomeStyle[name].color;
    table[outcome[name]] = pack(r, g, b, Math.round(opacity * 255));
  }
  return table;
}

/** Outcome by bits: 1 = the student is right, 2 = the teacher is right, 4 = both say the same, 8 = ignored. */
const byBits = Uint8Array.from({ length: 16 }, (_, bits) => {
  if (bits & 8) return outcome.ignored;
  if (bits & 1) return bits & 2 ? outcome.right : outcome.teacherWrong;
  if (bits & 2) return outcome.studentWrong;
  return bits & 4 ? outcome.sameMistake : outcome.ownMistakes;
});

/** 1 if two bytes are equal, else 0. */
const same = (a: number, b: number): number => ((a ^ b) - 1) >>> 31;

/**
 * Compares predictions with the label, pixel by pixel. Without a teacher, its answer counts as right.
 * @param out receives an `outcome` per pixel.
 * @returns number of pixels per outcome.
 */
export function compare(
  label: Uint8Array,
  student: Uint8Array,
  teacher: Uint8Array | undefined,
  out: Uint8Array,
): Uint32Array {
  const counts = new Uint32Array(6);
  const theirs = teacher ?? label;
  for (let i = 0; i < label.length; i++) {
    const truth = label[i]!;
    const s = student[i]!;
    const t = theirs[i]!;
    // Without branches: neighbouring pixels differ just where it matters, and mispredicted jumps would cost most.
    const bits = same(s, truth) | (same(t, truth) << 1) | (same(s, t) << 2) | (same(truth, IGNORE) << 3);
    const kind = byBits[bits]!;
    out[i] = kind;
    counts[kind] = counts[kind]! + 1;
  }
  return counts;
}
