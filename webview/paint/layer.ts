import { paintHeatmap, type Range } from './heatmap';
import { paintRgb } from './image';
import type { BytePlane, FloatPlane } from './plane';
import { paintTable, type Table } from './table';

/** What lies in a pane, not yet painted: a plane and how its values become colours. It is stretched over the whole pane. */
export type Layer = (
  | { kind: 'photo'; plane: BytePlane }
  | { kind: 'table'; plane: BytePlane; table: Table }
  | { kind: 'heat'; plane: FloatPlane; range: Range; table: Table }
) & {
  /** Drawn as opaque as the overlay is set. */
  fades?: boolean;
  /** Drawn with an opacity of its own. */
  alpha?: number;
};

export const channelsOf = ({ kind }: Layer): number => (kind === 'photo' ? 3 : 1);

/**
 * Turns values of a layer into pixels, one to one.
 * @param values of its plane, all or those picked from it
 */
export function color(layer: Layer, values: Uint8Array | Float32Array, out: Uint32Array): void {
  switch (layer.kind) {
    case 'photo':
      paintRgb(values as Uint8Array, out);
      break;
    case 'table':
      paintTable(values as Uint8Array, layer.table, out);
      break;
    case 'heat':
      paintHeatmap(values as Float32Array, layer.range, layer.table, out);
      break;
    default:
      layer satisfies never;
  }
}

/** Whether equal values would get equal colours. */
export function sameColors(a: Layer, b: Layer): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'photo' || b.kind === 'photo') return true;
  if (a.table !== b.table && !a.table.every((pixel, i) => pixel === b.table[i])) return false;
  return a.kind === 'table' || b.kind === 'table'
    ? true
    : a.range.min === b.range.min && a.range.max === b.range.max;
}
