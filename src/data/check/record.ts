import { z } from 'zod';

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** Something wrong with one of the two files. */
const faultSchema = z.object({
  code: z.enum(['image-unreadable', 'dataset-size', 'dataset-label']),
  on: z.enum(['image', 'label']),
  what: z.string(),
  remedy: z.string(),
});
export type PairFault = z.infer<typeof faultSchema>;

/**
 * What was found in an image and its label map. Label values are kept as stored, so that the record stays true whatever
 * classes they are mapped to.
 */
export const pairRecordSchema = z.object({
  image: z.string(),
  label: z.string(),
  /** Modification time in ms and size in bytes (-1: no such file) of image and label map. */
  stamp: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  /** Null: unreadable, or not decoded. Sums over all pixels of the R, G, B grey levels and of their squares. */
  picture: z.object({ width: z.int(), height: z.int(), sum: triple, squares: triple }).nullable(),
  /** Null: unreadable, or not decoded. `values`: value, pixels that have it, first of them; again and again. */
  map: z
    .object({
      width: z.int(),
      height: z.int(),
      values: z.array(z.number()),
      /** Pixels with a value that is not told. */
      others: z.number(),
    })
    .nullable(),
  faults: z.array(faultSchema),
});
export type PairRecord = z.infer<typeof pairRecordSchema>;

/** Whether files that are now as `stamp` says are those that were examined. */
export function sameStamp(a: PairRecord['stamp'], b: PairRecord['stamp']): boolean {
  return a.every((value, i) => value === b[i]);
}

/** Something about a file could not be read, which may be the disk's fault as well as the file's. */
export function isUnreadable({ faults }: PairRecord): boolean {
  return faults.some(({ code }) => code === 'image-unreadable');
}

/** Every stored value of a label map that was decoded. */
export function* valuesOf(
  map: PairRecord['map'],
): Generator<{ value: number; count: number; first: number }> {
  const values = map?.values ?? [];
  for (let i = 0; i + 2 < values.length; i += 3)
    yield { value: values[i]!, count: values[i + 1]!, first: values[i + 2]! };
}
