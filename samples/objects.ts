import { type Canvas, lit, put } from './canvas';
import { CAR, IGNORE, PERSON, TREE } from './classes';
import type { Billboard, Car, Rgb, Scene } from './scene';
import { valueNoise } from './texture';

const CAR_WIDTH = 1.8;

/** A car seen from behind: its rear face and the flank that looks at the camera. */
export function paintCar(scene: Scene, canvas: Canvas, car: Car): void {
  const { camera } = scene;
  const inner = car.x > 0 ? car.x - CAR_WIDTH / 2 : car.x + CAR_WIDTH / 2;
  eachRay(scene, canvas, car.z, car.x - CAR_WIDTH, car.x + CAR_WIDTH, car.height, (p, right, down) => {
    const rear = { x: right * car.z, y: camera.height - down * car.z };
    const a = (rear.x - car.x) / CAR_WIDTH + 0.5;
    if (a > 0 && a < 1 && rear.y > 0 && rear.y < car.height) {
      const color = rearColor(car, a, rear.y / car.height);
      if (color) put(canvas, p, lit(scene, color, 1, car.z), CAR, car.z);
      if (color) return;
    }
    const z = inner / right;
    const along = (z - car.z) / car.length;
    const y = (camera.height - down * z) / car.height;
    if (along < 0 || along > 1 || y < 0 || y > 1 || z > canvas.depth[p]!) return;
    const color = flankColor(car, along, y);
    if (color) put(canvas, p, lit(scene, color, 0.8, z), CAR, z);
  });
}

function rearColor(car: Car, a: number, y: number): Rgb | null {
  const edge = Math.abs(a - 0.5);
  if (y > 0.55 && edge > 0.5 - (y - 0.55) * 0.35) return null;
  if (y < 0.16) return edge > 0.3 ? [24, 24, 26] : null;
  if (y > 0.6 && y < 0.92 && edge < 0.36) return [44, 52, 60];
  if (y > 0.42 && y < 0.54 && edge > 0.36) return [196, 30, 26];
  if (y > 0.3 && y < 0.4 && edge < 0.14) return [214, 212, 196];
  return car.tone;
}

function flankColor(car: Car, along: number, y: number): Rgb | null {
  if (y > 0.6 && (along > 0.72 - (y - 0.6) * 0.4 || along < (y - 0.6) * 0.2)) return null;
  const wheel = Math.min(Math.abs(along - 0.2), Math.abs(along - 0.8));
  if (wheel < 0.09 && y < 0.36) return [24, 24, 26];
  if (y < 0.16) return null;
  if (y > 0.62 && y < 0.92) return [52, 60, 68];
  return car.tone;
}

export function paintBillboard(scene: Scene, canvas: Canvas, b: Billboard): void {
  const { camera } = scene;
  const half = Math.max(b.width, 0.3) / 2;
  eachRay(scene, canvas, b.z, b.x - half * 1.3, b.x + half * 1.3, b.height * 1.05, (p, right, down) => {
    const a = (right * b.z - b.x) / b.width;
    const y = (camera.height - down * b.z) / b.height;
    if (y < 0) return;
    switch (b.kind) {
      case 'tree': {
        const color = treeColor(b, a, y);
        if (color) put(canvas, p, lit(scene, color, a * scene.light.from > 0 ? 1 : 0.8, b.z), TREE, b.z);
        return;
      }
      case 'person': {
        const color = personColor(b, a, y);
        if (color) put(canvas, p, lit(scene, color, 1, b.z), PERSON, b.z);
        return;
      }
      case 'post':
        if (Math.abs(a) < 0.5 && y < 1)
          put(canvas, p, lit(scene, y > 0.9 ? b.second : b.tone, 1, b.z), IGNORE, b.z);
        return;
      default:
        b.kind satisfies never;
    }
  });
}

/** A trunk under a crown with a ragged edge. */
function treeColor(b: Billboard, a: number, y: number): Rgb | null {
  const leaves = valueNoise(a * 9 + 50, y * 9 * (b.height / b.width), b.seed);
  const crown = (a / 0.5) ** 2 + ((y - 0.66) / 0.36) ** 2;
  if (crown < 0.62 + 0.6 * leaves) {
    const shade = 46 * (leaves - 0.5) + 22 * (y - 0.7);
    return [b.tone[0] + shade, b.tone[1] + shade, b.tone[2] + shade * 0.6];
  }
  return Math.abs(a) * b.width < 0.13 && y < 0.5 ? b.second : null;
}

function personColor(b: Billboard, a: number, y: number): Rgb | null {
  if ((a / 0.24) ** 2 + ((y - 0.91) / 0.09) ** 2 < 1) return [176, 132, 108];
  if (y > 0.46 && y < 0.83 && Math.abs(a) < 0.44) return b.tone;
  if (y <= 0.46 && Math.abs(a) < 0.34 && Math.abs(a) > 0.04) return b.second;
  return null;
}

/** Calls back for the pixels that may see something at distance `z` between `from` and `to` metres, not hidden by walls. */
function eachRay(
  scene: Scene,
  canvas: Canvas,
  z: number,
  from: number,
  to: number,
  top: number,
  visit: (p: number, right: number, down: number) => void,
): void {
  const { camera } = scene;
  const { width, height, depth } = canvas;
  const column = (x: number) => camera.u * width + (x / z) * camera.focal * height;
  const row = (y: number) => (camera.v + ((camera.height - y) / z) * camera.focal) * height;
  const clamp = (v: number, max: number) => Math.min(Math.max(v, 0), max);
  const x0 = clamp(Math.floor(column(from)), width);
  const x1 = clamp(Math.ceil(column(to)), width);
  const y0 = clamp(Math.floor(row(top)), height);
  const y1 = clamp(Math.ceil(row(0)), height);
  for (let py = y0; py < y1; py++)
    for (let px = x0; px < x1; px++) {
      const p = py * width + px;
      if (depth[p]! < z) continue;
      const right = ((px + 0.5) / height - (camera.u * width) / height) / camera.focal;
      visit(p, right, ((py + 0.5) / height - camera.v) / camera.focal);
    }
}
