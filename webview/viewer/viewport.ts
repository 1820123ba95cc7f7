import { z } from 'zod';

/**
 * What part of a picture is seen, the same for all panes: `scale` 1 shows all of it; `left` and `top` are the corner of
 * the window as fractions of the picture.
 */
export interface Viewport {
  scale: number;
  left: number;
  top: number;
}

export const whole: Viewport = { scale: 1, left: 0, top: 0 };
export const maxScale = 64;
export const viewportSchema = z.object({
  scale: z.number().min(1).max(maxScale),
  left: z.number(),
  top: z.number(),
});

function clamp({ scale, left, top }: Viewport): Viewport {
  const last = 1 - 1 / scale;
  return { scale, left: Math.min(last, Math.max(0, left)), top: Math.min(last, Math.max(0, top)) };
}

/** Zooms by a factor about a point of the pane, (0,0) = upper left, (1,1) = lower right: that point stays in place. */
export function zoomAt(view: Viewport, x: number, y: number, factor: number): Viewport {
  const scale = Math.min(maxScale, Math.max(1, view.scale * factor));
  return clamp({
    scale,
    left: view.left + x / view.scale - x / scale,
    top: view.top + y / view.scale - y / scale,
  });
}

/** Moves the picture by fractions of the pane, as a drag does. */
export function pan(view: Viewport, dx: number, dy: number): Viewport {
  return clamp({ ...view, left: view.left - dx / view.scale, top: view.top - dy / view.scale });
}

/** Scrolls no further than needed so that a point of the picture (fractions) is seen. */
export function reveal(view: Viewport, x: number, y: number): Viewport {
  const size = 1 / view.scale;
  return clamp({
    ...view,
    left: Math.min(x, Math.max(x - size, view.left)),
    top: Math.min(y, Math.max(y - size, view.top)),
  });
}

/** The pixel of a width x height picture under a point of the pane. */
export function pixelAt(
  view: Viewport,
  x: number,
  y: number,
  width: number,
  height: number,
): [number, number] {
  const at = (fraction: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(fraction * size)));
  return [at(view.left + x / view.scale, width), at(view.top + y / view.scale, height)];
}
