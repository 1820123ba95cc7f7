import type { Layer } from '../paint/layer';
import { el, perFrame, setText, swatch } from '../ui/dom';
import { t } from '../ui/l10n';
import type { PaneId } from './layers';
import { paneTitle } from './layers';
import { type Sheet, stack } from './sheet';
import { pan, pixelAt, reveal, type Viewport, whole, zoomAt } from './viewport';

/** What a pane tells about its use; all panes are moved together. */
export interface PaneEvents {
  view(view: Viewport): void;
  /** Pixel of the picture that is pointed at, or null. */
  point(at: [number, number] | null): void;
  /** The user wants this picture as a file; without it none is offered. */
  save?(pane: Pane): void;
}

/** One picture: layers stretched over a canvas, pixels kept square and sharp, moved by mouse, wheel and keys. */
export class Pane {
  readonly root: HTMLElement;
  /** Room below the canvas for a legend. */
  readonly foot = el('div', { class: 'pane-foot' });
  readonly #canvas: HTMLCanvasElement;
  /** Frames the inspected pixel. Not drawn on the canvas: a moving pointer paints no picture anew. */
  readonly #cross = el('div', { class: 'pane-cross', hidden: true });
  readonly #words = el('span');
  readonly #swatch = swatch('');
  readonly #value = el('span', { class: 'pane-value' }, this.#swatch, this.#words);
  #layers: readonly Layer[] = [];
  readonly #sheets: Sheet[] = [];
  #opacity = 1;
  #size: [number, number] = [1, 1];
  /** Of the canvas, CSS pixels, when it was drawn last: asking the browser would make it lay out the page. */
  #shown: [number, number] = [0, 0];
  #view: Viewport = whole;
  #at: [number, number] | null = null;
  readonly #draw = perFrame(() => this.#drawNow());

  constructor(
    /** Which layer it shows. */
    public id: PaneId,
    private readonly events: PaneEvents,
    /** What stands above it in place of the name of its layer. */
    readonly title?: string,
  ) {
    this.#canvas = el('canvas', { class: 'pane-canvas', tabindex: 0, role: 'img', 'data-pane': id });
    this.root = el(
      'figure',
      { class: 'pane' },
      el(
        'figcaption',
        {},
        el('span', { class: 'pane-title' }, title ?? paneTitle[id]),
        this.#value,
        events.save &&
          el(
            'button',
            {
              class: 'link pane-save',
              title: t('Save this picture at its own size'),
              'aria-label': t('Save as {0}: {1}', 'PNG', title ?? paneTitle[id]),
              onclick: () => events.save?.(this),
            },
            'PNG',
          ),
      ),
      el('div', { class: 'pane-stage' }, this.#canvas, this.#cross),
      this.foot,
    );
    this.#swatch.hidden = true;
    this.#listen();
    new ResizeObserver(() => {
      this.#drawNow();
      this.#mark();
    }).observe(this.#canvas);
  }

  /** @param words text alternative of the picture. */
  show(layers: readonly Layer[], width: number, height: number, words: string): void {
    if (this.#size[0] !== width || this.#size[1] !== height) {
      this.#size = [width, height];
      this.#canvas.style.aspectRatio = `${width} / ${height}`;
    }
    this.#canvas.setAttribute(
      'aria-label',
      `${this.title ? `${this.title}, ` : ''}${paneTitle[this.id]}: ${words}`,
    );
    this.color(layers);
  }

  /** The same picture in other colours. */
  color(layers: readonly Layer[]): void {
    this.#layers = layers;
    this.#draw();
  }

  /** How opaque overlays are; nothing is painted anew. */
  fade(opacity: number): void {
    if (opacity === this.#opacity) return;
    this.#opacity = opacity;
    if (this.#layers.some(({ fades }) => fades)) this.#draw();
  }

  /** The whole picture at its own size, as PNG. */
  async png(): Promise<ArrayBuffer> {
    const [width, height] = this.#size;
    const sheet = new OffscreenCanvas(width, height);
    stack(sheet.getContext('2d')!, this.#layers, [], { ...whole, width, height }, this.#opacity);
    return await (await sheet.convertToBlob({ type: 'image/png' })).arrayBuffer();
  }

  look(view: Viewport, at: [number, number] | null): void {
    const { scale, left, top } = this.#view;
    const moved = view.scale !== scale || view.left !== left || view.top !== top;
    this.#view = view;
    this.#at = at;
    if (moved) this.#draw();
    this.#mark();
  }

  /** The value at the inspected pixel, in the caption. */
  tell(text: string, color?: string): void {
    setText(this.#words, text);
    this.#swatch.hidden = !color;
    if (color) this.#swatch.style.backgroundColor = color;
  }

  #drawNow(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    if (clientWidth === 0) return;
    this.#shown = [clientWidth, clientHeight];
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    stack(
      this.#canvas.getContext('2d')!,
      this.#layers,
      this.#sheets,
      { ...this.#view, width, height },
      this.#opacity,
    );
  }

  /** Puts the frame about the inspected pixel, however small that is. */
  #mark(): void {
    this.#cross.hidden = !this.#at;
    if (!this.#at) return;
    const [width, height] = this.#shown;
    const { scale, left, top } = this.#view;
    const [w, h] = [(width * scale) / this.#size[0], (height * scale) / this.#size[1]];
    // The white line runs through the edge of the pixel.
    const grow = Math.max(0, (6 - w) / 2) + 0.5;
    const x = this.#at[0] * w - left * scale * width - grow;
    const y = this.#at[1] * h - top * scale * height - grow;
    const { style } = this.#cross;
    style.width = `${w + 2 * grow}px`;
    style.height = `${h + 2 * grow}px`;
    style.transform = `translate(${x}px, ${y}px)`;
  }

  #listen(): void {
    const canvas = this.#canvas;
    const fraction = (e: MouseEvent): [number, number] => [
      e.offsetX / canvas.clientWidth,
      e.offsetY / canvas.clientHeight,
    ];
    let drag: { x: number; y: number; view: Viewport } | null = null;
    canvas.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      drag = { x: e.clientX, y: e.clientY, view: this.#view };
      canvas.setPointerCapture(e.pointerId);
    });
    canvas.addEventListener('pointermove', (e) => {
      if (drag && this.#view.scale > 1) {
        const [dx, dy] = [
          (e.clientX - drag.x) / canvas.clientWidth,
          (e.clientY - drag.y) / canvas.clientHeight,
        ];
        this.events.view(pan(drag.view, dx, dy));
      }
      this.events.point(pixelAt(this.#view, ...fraction(e), ...this.#size));
    });
    for (const end of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(end, () => (drag = null));
    canvas.addEventListener('pointerleave', () => this.events.point(null));
    canvas.addEventListener('dblclick', () => this.events.view(whole));
    canvas.addEventListener(
      'wheel',
      (e) => {
        // Nothing to zoom out of: let the page scroll.
        if (e.deltaY > 0 && this.#view.scale === 1) return;
        e.preventDefault();
        this.events.view(
          zoomAt(
            this.#view,
            ...fraction(e),
            Math.exp(-Math.sign(e.deltaY) * Math.min(60, Math.abs(e.deltaY)) * 0.005),
          ),
        );
      },
      { passive: false },
    );
    canvas.addEventListener('keydown', (e) => this.#onKey(e));
    canvas.addEventListener('blur', () => this.events.point(null));
  }

  /** Arrows move the inspected pixel (shift: ten at once), + and - zoom about it, 0 shows all, Escape lets go. */
  #onKey(event: KeyboardEvent): void {
    const [width, height] = this.#size;
    const [x, y] = this.#at ?? [Math.floor(width / 2), Math.floor(height / 2)];
    const stride = event.shiftKey ? 10 : 1;
    const move = (dx: number, dy: number) => {
      const at: [number, number] = this.#at
        ? [Math.min(width - 1, Math.max(0, x + dx)), Math.min(height - 1, Math.max(0, y + dy))]
        : [x, y];
      this.events.view(reveal(this.#view, (at[0] + 0.5) / width, (at[1] + 0.5) / height));
      this.events.point(at);
    };
    const zoom = (factor: number) => {
      const { scale, left, top } = this.#view;
      const on = (pixel: number, size: number, from: number) => ((pixel + 0.5) / size - from) * scale;
      this.events.view(zoomAt(this.#view, on(x, width, left), on(y, height, top), factor));
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => move(-stride, 0),
      ArrowRight: () => move(stride, 0),
      ArrowUp: () => move(0, -stride),
      ArrowDown: () => move(0, stride),
      '+': () => zoom(1.5),
      '=': () => zoom(1.5),
      '-': () => zoom(1 / 1.5),
      '0': () => this.events.view(whole),
      Escape: () => this.events.point(null),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}
