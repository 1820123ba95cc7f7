import { RandomStream } from '../src/engine/random';
import { renderScene } from './render';
import { drawScene } from './scene';
import { expose } from './sensor';

export interface StreetImage {
  /** RGB, 3 bytes per pixel, row-major. */
  rgb: Uint8Array;
  /** Class ids of `STREET_CLASSES`, 255 = ignore. */
  label: Uint8Array;
}

/**
 * One street scene; the same arguments give the same bytes. A scene depends on its own name only, so that a larger
 * dataset of the same seed begins with the smaller one, and another size shows the same street.
 */
export function streetScene(seed: number, name: string, width: number, height: number): StreetImage {
  const scene = drawScene(RandomStream.seeded(seed, `scene/${name}`));
  const canvas = renderScene(scene, width, height);
  const rgb = expose(canvas, scene.blur, scene.noise, RandomStream.seeded(seed, `sensor/${name}`));
  return { rgb, label: canvas.label };
}
