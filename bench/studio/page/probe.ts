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

  /** In, along, and out again. */
  async curves(count: number): Promise<number[]> {
    const stage = document.querySelector<HTMLElement>('.plot')!;
    const canvas = stage.querySelector('canvas')!;
    const keys = ['+', '+', '+', 'Shift+ArrowRight', 'Shift+ArrowLeft', '-'];
    const acts = Array.from({ length: count }, (_, i) => () => {
      const key = keys[i % keys.length]!;
      stage.dispatchEvent(
        new KeyboardEvent('keydown', {
          key: key.replace('Shift+', ''),
          shiftKey: key.startsWith('Shift+'),
          bubbles: true,
          cancelable: true,
        }),
      );
    });
    return await framesOf(acts, () => `${glance(canvas)}`);
  },

  /** One letter more, and one less again. */
  async filter(words: readonly string[]): Promise<number[]> {
    const field = document.querySelector<HTMLInputElement>('input.words')!;
    // Two letters may fit the same rows; that they were drawn anew is what tells.
    let drawn = 0;
    const observer = new MutationObserver(() => drawn++);
    observer.observe(document.querySelector('.runs-table')!, { subtree: true, childList: true });
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

/** Documents of webviews are looked at from their first frame on: what they are opened for may be drawn before anyone could ask. */
function watch(): void {
  const until = performance.now() + LOOKS_MS;
  const look = () => {
    for (const [name, is] of Object.entries(firsts) as [keyof typeof firsts, () => boolean][])
      if (found[name] === undefined && is()) {
        found[name] = 0;
        void painted().then((at) => {
          found[name] = at;
        });
      }
    if (Object.keys(found).length === 0 && performance.now() < until) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
if (location.pathname.includes('/webview/')) watch();
