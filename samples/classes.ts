/** The eight classes of the sample scenes, in the order of their ids; colours as in Cityscapes. */
export const STREET_CLASSES: readonly { name: string; color: [number, number, number] }[] = [
  { name: 'road', color: [128, 64, 128] },
  { name: 'pavement', color: [244, 35, 232] },
  { name: 'building', color: [70, 70, 70] },
  { name: 'fence', color: [190, 153, 153] },
  { name: 'tree', color: [107, 142, 35] },
  { name: 'sky', color: [70, 130, 180] },
  { name: 'car', color: [0, 0, 142] },
  { name: 'person', color: [220, 20, 60] },
];

export const ROAD = 0;
export const PAVEMENT = 1;
export const BUILDING = 2;
export const FENCE = 3;
export const TREE = 4;
export const SKY = 5;
export const CAR = 6;
export const PERSON = 7;
export const IGNORE = 255;
