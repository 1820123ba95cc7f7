import type { Theme } from '../ui/theme';
import { inkOf } from './ink';
import { type ChartSheet, chartSvg } from './svg';

/** What is seen, on the background it is seen on. */
export async function savePng(plot: HTMLCanvasElement, theme: Theme): Promise<ArrayBuffer> {
  const sheet = new OffscreenCanvas(plot.width, plot.height);
  const ctx = sheet.getContext('2d')!;
  ctx.fillStyle = theme.background;
  ctx.fillRect(0, 0, plot.width, plot.height);
  ctx.drawImage(plot, 0, 0);
  return await (await sheet.convertToBlob({ type: 'image/png' })).arrayBuffer();
}

/** The chart as a drawing that any program can open: colours as the browser makes them of those of the theme. */
export function saveSvg(sheet: ChartSheet): string {
  const ctx = new OffscreenCanvas(1, 1).getContext('2d')!;
  ctx.font = sheet.theme.font;
  return chartSvg(sheet, { measure: (text) => ctx.measureText(text).width, solid: inkOf });
}
