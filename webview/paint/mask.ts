import { t } from '../ui/l10n';
import { pack, type Rgb } from './color';
import type { Table } from './table';

/** RDD's second-stage mask by its value in the `mask` layer; value 0 shows what lies beneath. */
export const maskStyle: readonly { label: string; color: Rgb | null }[] = [
  { label: t('Easy for both'), color: null },
  { label: t('Hard for the student only'), color: [230, 120, 0] },
  { label: t('Hard for the teacher only'), color: [86, 180, 233] },
  { label: t('Hard for both'), color: [204, 80, 160] },
];

export function maskTable(opacity: number): Table {
  const table = new Uint32Array(256);
  maskStyle.forEach(({ color }, value) => {
    if (color) table[value] = pack(color[0], color[1], color[2], Math.round(opacity * 255));
  });
  return table;
}
