import { done, framesOf, painted } from './frames';
import { glance } from './pictures';

/**
 * What is measured inside the documents of VS Code. Put into each of them from outside as it is made; the product knows
 * nothing of it, and does what a user's hand would make it do.
 */

const underlined = () => document.querySelector('.squiggly-error, .squiggly-warning') !== null;
/** In the workbench: what a row waits for. */
const sights = {
  /** The side bar lists runs. */
  runs: () =>
    document.querySelectorAll('.part.sidebar [role=tree][aria-label*="Runs"] [role=treeitem]').length > 4,
  underlined,
  plain: () => !underlined(),
} satisfies Record<string, () => boolean>;

/** In a webview: what it is opened for. */
const firsts = {
  overlay: () => glance(document.querySelector('canvas[data-pane="student"]')) !== undefined,
  table: () => document.querySelectorAll('tbody tr[data-folder]').length > 4,
} satisfies Record<string, () => boolean>;

/** A page that is not opened for any of them stops looking. */
const LOOKS_MS = 60_000;
const LOOK_MS = 4;

let begun: number | undefined;
const found: Partial<Record<keyof typeof firsts, number>> = {};

/** As soon as the document is so. */
function made(is: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const see = (): boolean => {
      if (is()) resolve();
      return is();
    };
    if (see()) return;
    const observer = new MutationObserver(() => see() && observer.disconnect());
    observer.observe(document, { subtree: true, childList: true });
  });
}

export const probe = {
  /** The next event of this kind is what begins it. */
  arm(event: string): void {
    begun = undefined;
    addEventListener(
      event,
      ({ timeStamp }) => {
        begun = performance.timeOrigin + timeStamp;
      },
      { capture: true, once: true },
    );
  },
  begun: (): number | undefined => begun,

  /** When it is on the screen. */
  async sight(name: keyof typeof sights): Promise<number> {
    await made(sights[name]);
    return await done();
  },

  /** When it first was. */
  first: (name: keyof typeof firsts): number | undefined => found[name],

  async overlay(count: number): Promise<number[]> {
    const slider = document.querySelector<HTMLInputElement>('input[type=range][aria-label="Overlay"]')!;
    const toggles = document.querySelectorAll('.class-toggle').length;
    const present = [...Array(toggles).keys()];
    const acts = Array.from({ length: count }, (_, i) => [
      () => {
        slider.value = String(10 + ((i * 7) % 80));
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      },
      // Looked up anew: the list may be another after each change.
      () =>
        document
          .querySelector<HTMLElement>(`.class-toggle[data-class="${present[(i >> 1) % present.length]}"]`)!
          .click(),
    ]).flat();
    const pane = document.querySelector<HTMLCanvasElement>('canvas[data-pane="student"]');
    return await framesOf(acts, () => `${glance(pane)}`);
  },

  async hover(count: number): Promise<number[]> {
    const pane = document.querySelector<HTMLCanvasElement>('canvas[data-pane="student"]')!;
    const readout = document.querySelector('.readout')!;
    const acts = Array.from({ length: count }, (_, i) => () => {
      const { left, top, width, height } = pane.getBoundingClientRect();
      const along = (i + 1) / (count + 2);
      pane.dispatchEvent(
        new PointerEvent('pointermove', {
          clientX: left + width * along,
          clientY: top + height * (0.5 + 0.4 * Math.sin(12 * along)),
          bubbles: true,
          pointerId: 1,
        }),
      );
    });
    return await framesOf(acts, () => readout.textContent!);
  },

  /** In about the middle, along and back, and not all the way out again. */
  async curves(count: number): Promise<number[]> {
    const plot = document.querySelector<HTMLElement>('.plot')!;
    const canvas = plot.querySelector('canvas')!;
    const turn = (zoom: boolean, by: number) => () => {
      const { left, width, top, height } = plot.getBoundingClientRect();
      const event = new WheelEvent('wheel', {
        clientX: left + width / 2,
        clientY: top + height / 2,
        ctrlKey: zoom,
        ...(zoom ? { deltaY: by } : { deltaX: by }),
        bubbles: true,
        cancelable: true,
      });
      canvas.dispatchEvent(event);
    };
    const zooms = (times: number, by: number) => Array<() => void>(times).fill(turn(true, by));
    const moves = (times: number, by: number) => Array<() => void>(times).fill(turn(false, by));
    const round = [...zooms(5, -60), ...moves(3, 60), ...moves(2, -60), ...zooms(4, 60)];
    const acts = Array.from({ length: count }, (_, i) => round[i % round.length]!);
    return await framesOf(acts, () => `${glance(canvas)}`);
  },

  /** One letter more, and one less again. */
  async filter(words: readonly string[]): Promise<number[]> {
    const field = document.querySelector<HTMLInputElement>('input.words')!;
    // Two letters may fit the same rows; that their number was written anew is what tells.
    let drawn = 0;
    const observer = new MutationObserver(() => drawn++);
    observer.observe(document.querySelector('.runs-table')!, { attributeFilter: ['aria-rowcount'] });
    const acts = words.flatMap((word) => {
      const typed = Array.from(word, (_, i) => word.slice(0, i + 1));
      return [...typed, ...typed.slice(0, -1).reverse(), ''].map((text) => () => {
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      });
    });
    const times = await framesOf(acts, () => `${drawn}`);
    observer.disconnect();
    return times;
  },
};
export type Probe = typeof probe;

declare global {
  var studioProbe: Probe;
}
globalThis.studioProbe = probe;

/**
 * Documents of webviews are looked at from their beginning: what they are opened for may be drawn before anyone could ask. By
 * a timer, because VS Code writes a document anew that has callbacks of frames, and they are lost then.
 */
function watch(): void {
  const look = () => {
    for (const [name, is] of Object.entries(firsts) as [keyof typeof firsts, () => boolean][])
      if (is()) {
        void painted().then((at) => {
          found[name] = at;
        });
        return;
      }
    if (performance.now() < LOOKS_MS) setTimeout(look, LOOK_MS);
  };
  look();
}
if (window !== top) watch();
