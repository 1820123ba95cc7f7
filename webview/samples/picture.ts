import { type BrowserSample, UNKNOWN_CLASS } from '../../src/protocol/dataset-browser';
import { pack } from '../paint/color';
import type { Layer } from '../paint/layer';
import type { BytePlane } from '../paint/plane';
import { classTable, IGNORE } from '../paint/table';
import { t } from '../ui/l10n';
import type { ClassInfo } from '../viewer/inspect';

/** Pixels whose value is no class: a colour that no dataset uses for a class. */
const UNKNOWN_COLOR = pack(255, 0, 255, 255);

/** A sample as typed arrays over the buffers that came across; nothing is copied. */
export class SamplePicture {
  readonly width: number;
  readonly height: number;
  readonly image: BytePlane | undefined;
  readonly label: BytePlane | undefined;
  readonly raw: Uint8Array | Uint16Array | undefined;

  /** @throws Error when a buffer is not as long as the sizes say. */
  constructor(readonly sample: BrowserSample) {
    const { width, height, image, label, raw } = sample;
    const pixels = width * height;
    if ((image && image.byteLength !== 3 * pixels) || (label && label.byteLength !== pixels))
      throw new Error(
        t('The pictures of {0} have not the size they should have. Choose another sample.', sample.id),
      );
    this.width = width;
    this.height = height;
    this.image = image ? { width, height, data: new Uint8Array(image) } : undefined;
    this.label = label ? { width, height, data: new Uint8Array(label) } : undefined;
    this.raw = raw ? (raw.byteLength === pixels ? new Uint8Array(raw) : new Uint16Array(raw)) : undefined;
  }

  /** Pixels of every class id; ignored ones under 255, unknown ones under `UNKNOWN_CLASS`. */
  counts(): Uint32Array {
    const counts = new Uint32Array(256);
    for (const id of this.label?.data ?? []) counts[id]!++;
    return counts;
  }

  get photograph(): Layer[] {
    return this.image ? [{ kind: 'photo', plane: this.image }] : [];
  }

  /** Values that are no class stand out however faint the others are. */
  labelMap(classes: readonly ClassInfo[], opacity: number, hidden: ReadonlySet<number>): Layer[] {
    if (!this.label) return [];
    const table = classTable(
      classes.map((c) => c.color),
      opacity,
      hidden,
    );
    if (classes.length <= UNKNOWN_CLASS) table[UNKNOWN_CLASS] = UNKNOWN_COLOR;
    return [{ kind: 'table', plane: this.label, table }];
  }

  /** What is known about a pixel: the class in words, its id, the value as stored. */
  at(x: number, y: number, classes: readonly ClassInfo[]): { text: string; classId: number | undefined } {
    const pixel = y * this.width + x;
    const id = this.label?.data[pixel];
    const stored = this.raw?.[pixel];
    if (id === undefined) return { text: t('no label map'), classId: undefined };
    const info = classes[id];
    if (info) return { text: t('{0} · class {1} · stored {2}', info.name, id, `${stored}`), classId: id };
    const what = id === IGNORE ? t('ignored') : t('not a class of this dataset');
    return { text: t('{0} · stored {1}', what, `${stored}`), classId: undefined };
  }
}
