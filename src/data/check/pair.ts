import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { DistillError } from '../../protocol/errors';
import type { RgbImage } from '../dataset';
import { type ImageFile, readImageFile, readLabelFile } from '../image-file';
import { upright } from '../orientation';
import type { IndexImage } from '../png';
import { asLabelled, sizeProblem } from '../sample-parts';
import { refuseHugeImage } from '../unreadable';
import { readHeader } from './header';
import type { PairFault, PairRecord } from './record';

/** Kinds of values that are told apart; a label map with more of them is a photograph, not a label map. */
const MAX_VALUES = 512;

/** The files of one sample; absolute paths. */
export interface PairFiles {
  image: string;
  label: string;
}

/**
 * Looks at an image and its label map: both decoded if `full`, else their headers where these tell enough. What is wrong
 * with the files is part of the result; no error leaves for it.
 */
export async function examinePair(files: PairFiles, full: boolean): Promise<PairRecord> {
  const stamp = stampOf(files);
  const quick = full ? undefined : byHeaders(files);
  return { ...files, stamp, ...(quick ?? (await decoded(files))) };
}

/** Modification time in ms and size of image and label map: as long as they stay, so does what is known. */
export function stampOf({ image, label }: PairFiles): PairRecord['stamp'] {
  const [a, b] = [image, label].map((file) => statSync(file, { throwIfNoEntry: false }));
  return [a?.mtimeMs ?? 0, a?.size ?? -1, b?.mtimeMs ?? 0, b?.size ?? -1];
}

type Findings = Omit<PairRecord, 'image' | 'label' | 'stamp'>;

/** Undefined where headers do not tell enough: what is wrong is then said by who decodes. */
function byHeaders({ image, label }: PairFiles): Findings | undefined {
  try {
    const picture = readHeader(image);
    if (!picture) return undefined;
    refuseHugeImage(image, picture.width, picture.height);
    if (extname(label).toLowerCase() === '.mat') return { picture: null, map: null, faults: [] };
    const map = readHeader(label);
    if (!map?.oneChannel) return undefined;
    refuseHugeImage(label, map.width, map.height);
    const misfit = sizeProblem(picture, map, label);
    const drawnAsStored = picture.stored && !sizeProblem(picture.stored, map, label);
    const faults = misfit && !drawnAsStored ? [faultOf(misfit, 'label')] : [];
    return { picture: null, map: null, faults };
  } catch {
    return undefined;
  }
}

async function decoded(files: PairFiles): Promise<Findings> {
  const faults: PairFault[] = [];
  const read = async <T>(on: PairFault['on'], reading: Promise<T>): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof DistillError)) throw error;
      faults.push(faultOf(error, on));
      return undefined;
    }
  };
  const image = await read('image', readImageFile(files.image));
  const label = await read('label', readLabelFile(files.label));
  const picture = image && shown(image, label);
  const misfit = picture && label && sizeProblem(picture, label, files.label);
  if (misfit) faults.push(faultOf(misfit, 'label'));
  return {
    picture: picture ? { width: picture.width, height: picture.height, ...momentsOf(picture) } : null,
    map: label ? { width: label.width, height: label.height, ...tallyValues(label) } : null,
    faults,
  };
}

function shown(image: ImageFile, label: IndexImage | undefined): RgbImage {
  return label ? asLabelled(image, label) : upright(image.image, image.orientation);
}

function faultOf(error: DistillError, on: PairFault['on']): PairFault {
  return { code: error.code as PairFault['code'], on, what: error.what, remedy: error.remedy };
}

/** Sums per channel, R G B, of the grey levels and of their squares: mean and deviation of any set of images follow. */
function momentsOf({ data }: RgbImage): { sum: Triple; squares: Triple } {
  const [r, g, b] = [new Float64Array(256), new Float64Array(256), new Float64Array(256)];
  for (let i = 0; i < data.length; i += 3) {
    r[data[i]!]!++;
    g[data[i + 1]!]!++;
    b[data[i + 2]!]!++;
  }
  const moment = (power: number) =>
    [r, g, b].map((counts) => counts.reduce((sum, n, v) => sum + n * v ** power, 0)) as Triple;
  return { sum: moment(1), squares: moment(2) };
}
type Triple = [number, number, number];

/** How many pixels have each stored value, and which is the first, flattened: value, count, pixel, value, ... */
export function tallyValues({ data }: IndexImage): { values: number[]; others: number } {
  const size = data instanceof Uint8Array ? 256 : 65536;
  const counts = new Float64Array(size);
  const first = new Int32Array(size);
  for (let i = 0; i < data.length; i++) if (counts[data[i]!]!++ === 0) first[data[i]!] = i;
  const present = Array.from(counts.keys()).filter((value) => counts[value]! > 0);
  const told = present.slice(0, MAX_VALUES);
  return {
    values: told.flatMap((value) => [value, counts[value]!, first[value]!]),
    others: present.slice(MAX_VALUES).reduce((sum, value) => sum + counts[value]!, 0),
  };
}
