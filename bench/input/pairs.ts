import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BUILDING, CAR, FENCE, PAVEMENT, PERSON, ROAD, SKY, TREE } from '../../samples/classes';
import { streetScene } from '../../samples/streets';
import { encodePng } from './png';

const PAIRS = 16;
const [WIDTH, HEIGHT] = [2048, 1024];
/** Label ids of Cityscapes; everything else is 0, unlabelled. */
const LABEL_IDS: Record<number, number> = {
  [ROAD]: 7,
  [PAVEMENT]: 8,
  [BUILDING]: 11,
  [FENCE]: 13,
  [TREE]: 21,
  [SKY]: 23,
  [CAR]: 26,
  [PERSON]: 24,
};

/**
 * The folder of generated street scenes in the layout and at the size of Cityscapes; made on first use, about a minute,
 * and kept in the system's folder for temporary files.
 */
export function cityscapesSize(): string {
  const root = join(tmpdir(), `distill-bench-pairs-${PAIRS}-v1`);
  if (existsSync(root)) return root;
  console.error(`  ${PAIRS} pairs of ${WIDTH} x ${HEIGHT} are made in ${root} ...`);
  const building = `${root}.${process.pid}`;
  for (let i = 0; i < PAIRS; i++) {
    const name = `bench_${String(i).padStart(6, '0')}_000000`;
    const { rgb, label } = streetScene(1, name, WIDTH, HEIGHT);
    write(building, `leftImg8bit/train/bench/${name}_leftImg8bit.png`, encodePng(WIDTH, HEIGHT, 3, rgb));
    const ids = Uint8Array.from(label, (id) => LABEL_IDS[id] ?? 0);
    write(building, `gtFine/train/bench/${name}_gtFine_labelIds.png`, encodePng(WIDTH, HEIGHT, 1, ids));
    if (i > 0) continue;
    // A dataset has to have a validation split.
    write(
      building,
      `leftImg8bit/val/bench/${name}_leftImg8bit.png`,
      encodePng(16, 16, 3, new Uint8Array(768)),
    );
    write(
      building,
      `gtFine/val/bench/${name}_gtFine_labelIds.png`,
      encodePng(16, 16, 1, new Uint8Array(256)),
    );
  }
  rmSync(root, { recursive: true, force: true });
  renameSync(building, root);
  return root;
}

function write(root: string, name: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), bytes);
}
