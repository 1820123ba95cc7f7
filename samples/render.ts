import { type Canvas, lit, put } from './canvas';
import { BUILDING, FENCE, IGNORE, PAVEMENT, ROAD, SKY, TREE } from './classes';
import { paintBillboard, paintCar } from './objects';
import type { Rgb, Scene, Segment } from './scene';
import { hash, valueNoise } from './texture';

/** Casts one ray per pixel against ground, wall planes and the sky, then paints what stands on the ground, far to near. */
export function renderScene(scene: Scene, width: number, height: number): Canvas {
  const canvas: Canvas = {
    width,
    height,
    rgb: new Float32Array(width * height * 3),
    label: new Uint8Array(width * height),
    depth: new Float32Array(width * height),
  };
  for (let py = 0; py < height; py++) for (let px = 0; px < width; px++) castRay(scene, canvas, px, py);
  const things = [
    ...scene.boxes.map((car) => ({ z: car.z, paint: () => paintCar(scene, canvas, car) })),
    ...scene.billboards.map((b) => ({ z: b.z, paint: () => paintBillboard(scene, canvas, b) })),
  ];
  for (const thing of things.sort((a, b) => b.z - a.z)) thing.paint();
  if (scene.hood) paintHood(canvas);
  return canvas;
}

function castRay(scene: Scene, canvas: Canvas, px: number, py: number): void {
  const { camera } = scene;
  const p = py * canvas.width + px;
  // Slopes of the ray: metres to the right and down per metre forward.
  const right = ((px + 0.5) / canvas.height - (camera.u * canvas.width) / canvas.height) / camera.focal;
  const down = ((py + 0.5) / canvas.height - camera.v) / camera.focal;
  const groundZ = down > 0 ? camera.height / down : Number.POSITIVE_INFINITY;
  const wall = scene.walls[right < 0 ? 0 : 1]!;
  for (const [x, segments] of [
    [wall.x - wall.side * 0.9, wall.fences],
    [wall.x, wall.segments],
  ] as const) {
    const z = x / right;
    if (z <= 0 || z >= groundZ) continue;
    const y = camera.height - down * z;
    const segment = segments.find((s) => z >= s.from && z < s.to);
    if (!segment || segment.kind === 'gap' || y > segment.height) continue;
    const facade =
      segment.kind === 'building' ? facadeColor(scene, segment, z, y) : fenceColor(segment, z, y);
    const brightness = wall.side === scene.light.from ? scene.light.shade : 1;
    const glow = segment.kind === 'building' && scene.light.night && facade === LAMP ? 2 : 1;
    put(
      canvas,
      p,
      lit(scene, facade, brightness * glow, z),
      segment.kind === 'building' ? BUILDING : FENCE,
      z,
    );
    return;
  }
  if (groundZ < 400) put(canvas, p, ...groundColor(scene, right * groundZ, groundZ), groundZ);
  else putSky(scene, canvas, p, px / canvas.height, -down * camera.focal);
}

const LAMP: Rgb = [236, 200, 120];

function facadeColor(scene: Scene, s: Segment, z: number, y: number): Rgb {
  const along = (z - s.from) / s.period;
  const floor = y / 2.9;
  const [a, f] = [along - Math.floor(along), floor - Math.floor(floor)];
  const pane = a > 0.28 && a < 0.76 && f > 0.34 && f < 0.82 && s.height - y > 0.5;
  if (pane) {
    const h = hash(Math.floor(along), Math.floor(floor), scene.texture);
    if (scene.light.night && h > 0.62) return LAMP;
    return h > 0.5 ? [54, 62, 74] : [86, 100, 114];
  }
  const grain = 12 * (valueNoise(z * 1.3, y * 1.3, scene.texture) - 0.5);
  const courses = s.style === 0 && (y * 4) % 1 < 0.2 ? -12 : 0;
  return offset(s.tone, grain + courses);
}

function fenceColor(s: Segment, z: number, y: number): Rgb {
  const along = (z - s.from) / s.period;
  const a = along - Math.floor(along);
  const rail = s.style === 1 && Math.abs(y / s.height - 0.75) < 0.06 ? -18 : 0;
  const plank = a < 0.18 ? -34 : 10 * (hash(Math.floor(along), s.style, 7) - 0.5);
  return offset(s.tone, plank + rail + (y > s.height - 0.08 ? 14 : 0));
}

function groundColor(scene: Scene, x: number, z: number): [Rgb, number] {
  const { road, pavement, walls } = scene;
  const grain = 9 * (valueNoise(x * 2.2, z * 1.1, scene.texture) - 0.5);
  const shade = inShadow(scene, x, z) ? scene.light.shade : 1;
  if (x < walls[0]!.x || x > walls[1]!.x)
    return [lit(scene, offset([92, 100, 58], grain * 2), shade, z), IGNORE];
  if (x > road.left && x < road.right) {
    const centre = (road.left + road.right) / 2;
    const dashed = road.lane > 0 && Math.abs(x - centre) < 0.09 && (road.lane === 1 || z % 4 < 2);
    const zebra =
      road.crossing !== null && z > road.crossing && z < road.crossing + 2.6 && (x * 0.55 + 40) % 1 < 0.5;
    const tone: Rgb = dashed || zebra ? [188, 188, 182] : offset(road.tone, grain);
    return [lit(scene, tone, shade, z), ROAD];
  }
  const kerb = Math.min(Math.abs(x - road.left), Math.abs(x - road.right)) < 0.14 ? 20 : 0;
  const joint = (x + 50) % pavement.slab < 0.07 || z % pavement.slab < 0.09 ? -14 : 0;
  return [lit(scene, offset(pavement.tone, grain + kerb + (z < 14 ? joint : 0)), shade, z), PAVEMENT];
}

/** Shadows of the facades on the sun's side, of trees, cars and people. */
function inShadow(scene: Scene, x: number, z: number): boolean {
  const { from, shadow } = scene.light;
  if (shadow === 0) {
    return scene.boxes.some((b) => Math.abs(x - b.x) < 0.95 && z > b.z - 0.25 && z < b.z + b.length);
  }
  const wall = scene.walls[from < 0 ? 0 : 1]!;
  const segment = wall.segments.find((s) => z >= s.from && z < s.to);
  if (segment && Math.abs(x - wall.x) < segment.height * shadow) return true;
  const reach = (away: number, height: number) => away > 0 && away < height * shadow;
  for (const b of scene.boxes)
    if (z > b.z - 0.2 && z < b.z + b.length && reach((x - b.x) * -from + 0.95, b.height + 1.9)) return true;
  for (const b of scene.billboards)
    if (Math.abs(z - b.z) < b.width * 0.45 && reach((x - b.x) * -from + b.width * 0.3, b.height)) return true;
  return false;
}

function putSky(scene: Scene, canvas: Canvas, p: number, u: number, up: number): void {
  const { skyline, light } = scene;
  const block = Math.floor(u * 7);
  const trees = hash(block, 1, skyline.seed) < skyline.trees;
  const ragged = trees
    ? 0.6 + 0.6 * valueNoise(u * 28, 0, skyline.seed)
    : 0.6 + 0.7 * hash(Math.floor(u * 14), 2, skyline.seed);
  if (up < skyline.height * ragged) {
    const tone: Rgb = trees ? [58, 98, 44] : [122, 116, 112];
    put(canvas, p, lit(scene, tone, 0.9, 60), trees ? TREE : BUILDING, 400);
    return;
  }
  const [high, low] = light.sky;
  const t = Math.min(1, up / 0.5);
  const cloud = light.shadow > 0 ? 34 * Math.max(0, valueNoise(u * 5, up * 12, skyline.seed + 9) - 0.55) : 0;
  put(
    canvas,
    p,
    [
      low[0] + (high[0] - low[0]) * t + cloud,
      low[1] + (high[1] - low[1]) * t + cloud,
      low[2] + (high[2] - low[2]) * t + cloud,
    ],
    SKY,
    1000,
  );
}

/** The bonnet of the camera's own car, which no class describes. */
function paintHood(canvas: Canvas): void {
  const { width, height } = canvas;
  for (let py = Math.floor(height * 0.9); py < height; py++)
    for (let px = 0; px < width; px++) {
      const x = (px + 0.5) / width - 0.5;
      if ((py + 0.5) / height > 0.93 + x * x * 0.22)
        put(canvas, py * width + px, [34 + 20 * Math.abs(x), 36, 42], IGNORE, 0);
    }
}

function offset(color: Rgb, by: number): Rgb {
  return [color[0] + by, color[1] + by, color[2] + by];
}
