import type { RandomStream } from '../src/engine/random';
import type { Canvas } from './canvas';

/** What a cheap camera makes of a scene: a soft lens, darker corners, photon and read noise. Returns RGB bytes. */
export function expose(canvas: Canvas, blur: number, noise: number, random: RandomStream): Uint8Array {
  const { width, height } = canvas;
  const soft = blurred(blurred(canvas.rgb, width, height, 3, blur), width, height, width * 3, blur);
  const out = new Uint8Array(soft.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const corner = ((x + 0.5) / width - 0.5) ** 2 + ((y + 0.5) / height - 0.5) ** 2;
      const gain = 1 - 0.35 * corner;
      for (let c = 0, i = (y * width + x) * 3; c < 3; c++, i++) {
        const level = Math.min(Math.max(soft[i]! * gain, 0), 255);
        const grain = noise * (0.4 + 0.6 * Math.sqrt(level / 255)) * random.normal();
        out[i] = Math.min(Math.max(Math.round(level + grain), 0), 255);
      }
    }
  return out;
}

/** One direction of a three-tap blur; `step` is the distance of neighbours in the array, `share` what they give. */
function blurred(
  data: Float32Array,
  width: number,
  height: number,
  step: number,
  share: number,
): Float32Array {
  const out = new Float32Array(data.length);
  const side = share / 2;
  const [length, across] = step === 3 ? [width, height] : [height, width];
  const lineStep = step === 3 ? width * 3 : 3;
  for (let line = 0; line < across; line++)
    for (let i = 0; i < length; i++)
      for (let c = 0; c < 3; c++) {
        const at = line * lineStep + i * step + c;
        const before = i > 0 ? at - step : at;
        const after = i < length - 1 ? at + step : at;
        out[at] = data[at]! * (1 - share) + (data[before]! + data[after]!) * side;
      }
  return out;
}
