import type { Rgb, Scene } from './scene';

/** Linear colours 0..255 (not clamped), class ids and distances, row-major; a pixel is one ray. */
export interface Canvas {
  width: number;
  height: number;
  rgb: Float32Array;
  label: Uint8Array;
  depth: Float32Array;
}

/** Colour after light and haze; `z` in metres. */
export function lit(scene: Scene, color: Rgb, brightness: number, z: number): Rgb {
  const { sun, sky, haze } = scene.light;
  const air = 1 - Math.exp(-z / haze);
  const far = sky[1];
  return [
    color[0] * sun[0] * brightness * (1 - air) + far[0] * air,
    color[1] * sun[1] * brightness * (1 - air) + far[1] * air,
    color[2] * sun[2] * brightness * (1 - air) + far[2] * air,
  ];
}

export function put(canvas: Canvas, p: number, color: Rgb, label: number, z: number): void {
  canvas.rgb[p * 3] = color[0];
  canvas.rgb[p * 3 + 1] = color[1];
  canvas.rgb[p * 3 + 2] = color[2];
  canvas.label[p] = label;
  canvas.depth[p] = z;
}
