/**
 * Colours of Pascal VOC's development kit (VOCdevkit, VOClabelcolormap): the bits of the class id, three at a time, become
 * the upper bits of red, green and blue. Distinct for 256 ids; also used where a dataset comes without colours.
 */
export function vocColor(id: number): [number, number, number] {
  const color: [number, number, number] = [0, 0, 0];
  for (let rest = id, bit = 7; rest > 0; rest >>= 3, bit--)
    for (let c = 0; c < 3; c++) color[c]! |= ((rest >> c) & 1) << bit;
  return color;
}
