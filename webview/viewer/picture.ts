import type { LayerName, Role } from '../../src/protocol/events';
import type { LayerData, SampleContents, SampleKey } from '../../src/protocol/panel';
import { compare, outcome } from '../paint/difference';
import type { BytePlane, FloatPlane } from '../paint/plane';
import { IGNORE } from '../paint/table';
import { t } from '../ui/l10n';

const floatLayers = ['difficulty', 'noise', 'noise2', 'weight'] as const;
type FloatLayer = (typeof floatLayers)[number];
const topLayers = { teacherTop: 'teacher', studentTop: 'student' } as const;
type TopLayer = keyof typeof topLayers;
type ByteLayer = Exclude<LayerName, FloatLayer | TopLayer>;

/** One of the most probable classes of a pixel. */
export interface Guess {
  classId: number;
  /** 0..1, to the nearest 255th. */
  probability: number;
}
const TOP = 3;

/** All layers of one sample as typed arrays over the buffers that came across; nothing is copied. */
export class Picture {
  readonly width: number;
  readonly height: number;
  /** Of most pixels only a neighbour is known, and counts are not exact. */
  readonly coarse: boolean;
  readonly bytes: Partial<Record<ByteLayer, BytePlane>> = {};
  readonly floats: Partial<Record<FloatLayer, FloatPlane>> = {};
  /** The three most probable classes and their probabilities, [height, width, 6]; may be coarser than the picture. */
  readonly tops: Partial<Record<Role, BytePlane>> = {};
  /** `outcome` per pixel and how many pixels have each; there when label and student are. */
  readonly difference: (BytePlane & { counts: Uint32Array }) | undefined;
  readonly #counts = new Map<ByteLayer, Uint32Array>();
  #classes: Set<number> | undefined;

  /**
   * @param of the true size, where the layers are a preview
   * @throws Error when a buffer is not as long as its shape says.
   */
  constructor(
    readonly key: SampleKey,
    layers: readonly LayerData[],
    of?: SampleContents['of'],
  ) {
    this.coarse = of !== undefined;
    for (const layer of layers) {
      const { name, height, width, channels, dtype, data } = layer;
      const wide = dtype === 'float32' ? 4 : 1;
      if (data.byteLength !== height * width * channels * wide)
        throw new Error(
          t(
            'The layer “{0}” has {1} bytes where {2} were expected. The file in the run folder may be damaged; choose another step.',
            name,
            data.byteLength,
            `${height}×${width}×${channels} ${dtype}`,
          ),
        );
      if (isTop(name)) {
        if (channels === 2 * TOP) this.tops[topLayers[name]] = { width, height, data: new Uint8Array(data) };
      } else if (isFloat(name)) {
        if (dtype === 'float32') this.floats[name] = { width, height, data: new Float32Array(data) };
      } else if (dtype === 'uint8') this.bytes[name] = { width, height, data: new Uint8Array(data) };
    }
    const size =
      this.bytes.image ?? this.bytes.label ?? this.bytes.student ?? this.bytes.teacher ?? layers[0];
    this.width = of?.width ?? size?.width ?? 1;
    this.height = of?.height ?? size?.height ?? 1;
    this.difference = this.#compare();
  }

  #compare(): Picture['difference'] {
    const { label, student, teacher } = this.bytes;
    if (!label || !student || label.data.length !== student.data.length) return undefined;
    const data = new Uint8Array(label.data.length);
    const theirs = teacher?.data.length === data.length ? teacher.data : undefined;
    const counts = compare(label.data, student.data, theirs, data);
    return { width: label.width, height: label.height, data, counts };
  }

  /** Fraction of the labelled pixels with this outcome. */
  share(name: keyof typeof outcome): number {
    const counts = this.difference?.counts;
    if (!counts) return 0;
    const labelled = counts.reduce((a, b) => a + b, 0) - counts[outcome.ignored]!;
    return labelled > 0 ? counts[outcome[name]]! / labelled : 0;
  }

  /** Pixels of every value in a layer; counted once. */
  counts(name: ByteLayer): Uint32Array {
    let counts = this.#counts.get(name);
    if (!counts) {
      counts = countValues(this.bytes[name]?.data ?? new Uint8Array());
      this.#counts.set(name, counts);
    }
    return counts;
  }

  /** Class ids that occur in the label or in a prediction. */
  get classes(): ReadonlySet<number> {
    this.#classes ??= new Set(
      (['label', 'teacher', 'student'] as const)
        .flatMap((name) => [...this.counts(name)].flatMap((count, id) => (count > 0 ? [id] : [])))
        .filter((id) => id !== IGNORE),
    );
    return this.#classes;
  }
}

/** How often each byte occurs. Four tallies in turn: a run of one value would otherwise wait for itself at every step. */
function countValues(data: Uint8Array): Uint32Array {
  const tallies = new Uint32Array(4 * 256);
  for (let i = 0; i < data.length; i++) tallies[((i & 3) << 8) | data[i]!]!++;
  return Uint32Array.from(
    { length: 256 },
    (_, id) => tallies[id]! + tallies[256 + id]! + tallies[512 + id]! + tallies[768 + id]!,
  );
}

const isFloat = (name: LayerName): name is FloatLayer => (floatLayers as readonly string[]).includes(name);

const isTop = (name: LayerName): name is TopLayer => name in topLayers;

/** What a network held most likely at a pixel of the picture, best first; none where the sample does not say. */
export function guessesAt({ tops, width, height }: Picture, role: Role, x: number, y: number): Guess[] {
  const plane = tops[role];
  if (!plane) return [];
  const px = Math.min(plane.width - 1, Math.floor((x * plane.width) / width));
  const py = Math.min(plane.height - 1, Math.floor((y * plane.height) / height));
  const from = (py * plane.width + px) * 2 * TOP;
  return Array.from({ length: TOP }, (_, k) => ({
    classId: plane.data[from + k]!,
    probability: plane.data[from + TOP + k]! / 255,
  })).filter(({ probability }) => probability > 0);
}

/** Value of a plane that may be coarser than the picture, at a pixel of the picture. */
export function sampleAt(plane: BytePlane | FloatPlane, picture: Picture, x: number, y: number): number {
  const px = Math.min(plane.width - 1, Math.floor((x * plane.width) / picture.width));
  const py = Math.min(plane.height - 1, Math.floor((y * plane.height) / picture.height));
  return plane.data[py * plane.width + px]!;
}
