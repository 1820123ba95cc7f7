import { pack, type Rgb } from './color';

/** Every class map and every category map is painted through a table of 256 packed pixels: one look-up per pixel. */
export type Table = Uint32Array;

/** Label value that means "not labelled"; it is never painted. */
export const IGNORE = 255;

/**
 * Table for an overlay of class ids. Hidden classes, ignored pixels and ids without a class stay transparent.
 * @param opacity 0..1, becomes the alpha of every painted class.
 */
export function classTable(colors: readonly Rgb[], opacity: number, hidden: ReadonlySet<number>): Table {
  const table = new Uint32Array(256);
  const alpha = Math.round(Math.min(1, Math.max(0, opacity)) * 255);
  colors.slice(0, IGNORE).forEach(([r, g, b], id) => {
    if (!hidden.has(id)) table[id] = pack(r, g, b, alpha);
  });
  return table;
}

/**
 * Paints one byte per pixel through a table.
 * @param ids row-major ids, as many as `out` has pixels.
 */
export function paintTable(ids: Uint8Array, table: Table, out: Uint32Array): void {
  const count = ids.length;
  for (let i = 0; i < count; i++) out[i] = table[ids[i]!]!;
}
