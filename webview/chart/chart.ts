import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count } from '../model/format';
import { el } from '../ui/dom';
import { t } from '../ui/l10n';
import { onThemeChange, readTheme, type Theme } from '../ui/theme';
import { type Curve, curveOf, type Drawn, drawnOf, reachOf } from './curve';
import type { ChartGroup, GroupMember, XRange } from './group';
import { ChartLegend } from './legend';
import type { Line, Lines } from './lines';
import { drawMarks, type Mark, markHeight } from './marks';
import { lineWidth, Pen } from './pen';
import { savePng, saveSvg } from './save';
import type { Tick } from './svg';
import { type Frame, stepsIn } from './trace';

export interface ChartOptions {
  title: string;
  height: number;
  group: ChartGroup;
  /** How values are written on the axis and in the legend. */
  format(value: number | null): string;
  /** Side bar: no legend, few ticks, no words above the plot. */
  compact?: boolean;
  hidden?: ReadonlySet<string>;
  onToggle?(id: string): void;
  empty: string;
  /** The user wants the chart as a picture; without it none is offered. */
  onSave?(name: string, data: string | ArrayBuffer): void;
}

/** What may lie between two ticks of steps, of which there are no halves. */
const WHOLE = [...Array(12).keys()].flatMap((power) =>
  [1, 2, 2.5, 5].map((times) => times * 10 ** power).filter(Number.isInteger),
);

/** One uPlot chart with an accessible legend, driven by lines over the continuous step axis. */
export class Chart implements GroupMember {
  readonly root: HTMLElement;
  readonly #stage: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #legend: ChartLegend;
  readonly #saving: HTMLElement;
  #plot: uPlot | undefined;
  #shape = '';
  #lines: Lines = { x: [], lines: [], breaks: [] };
  #curves: Curve[] = [];
  #x = new Float64Array();
  readonly #pen = new Pen();
  /** Of each axis, as uPlot wrote them last. */
  readonly #ticks: { x: Tick[]; y: Tick[] } = { x: [], y: [] };
  #marks: readonly Mark[] = [];
  #theme: Theme = readTheme();
  #log = false;
  #cursor: number | null = null;
  /** What the pointer did last. */
  #pointed: MouseEvent | undefined;

  constructor(private readonly options: ChartOptions) {
    this.#saving = el(
      'span',
      { class: 'chart-save' },
      this.#saveButton('PNG', t('Save this chart as a picture')),
      this.#saveButton('SVG', t('Save this chart as a drawing, with title and legend')),
    );
    this.#legend = new ChartLegend((id) => options.onToggle?.(id));
    this.#empty = el('p', { class: 'empty' }, options.empty);
    this.#stage = el('div', {
      class: 'plot',
      tabindex: 0,
      role: 'img',
      onkeydown: (e: KeyboardEvent) => this.#onKey(e),
    });
    this.root = el(
      'figure',
      { class: options.compact ? 'chart compact' : 'chart' },
      options.compact
        ? null
        : el(
            'figcaption',
            {},
            el('h2', {}, options.title),
            this.#legend.root,
            options.onSave && this.#saving,
          ),
      this.#stage,
      this.#empty,
    );
    this.#stage.style.height = `${options.height}px`;
    this.#stage.addEventListener('wheel', (e) => this.#onWheel(e), { passive: false });
    options.group.add(this);
    new ResizeObserver(() => this.#resize()).observe(this.#stage);
    onThemeChange(() => {
      this.#theme = readTheme();
      this.#plot?.redraw(false, true);
    });
  }

  update(lines: Lines, marks: readonly Mark[], log = false): void {
    this.#lines = lines;
    this.#marks = marks;
    this.#curves = lines.lines.map(curveOf);
    this.#x = Float64Array.from(lines.x);
    const hidden = this.#hidden;
    const any = lines.x.length > 0;
    this.#stage.hidden = !any;
    this.#empty.hidden = any;
    this.#saving.hidden = !any;
    this.#legend.show(lines.lines, hidden);
    this.#stage.setAttribute('aria-label', this.#describe());
    if (!any || this.#stage.clientWidth === 0) return;
    const shape = JSON.stringify([lines.lines.map((l) => [l.id, l.color]), log, markHeight(marks)]);
    if (!this.#plot || shape !== this.#shape) {
      this.#shape = shape;
      this.#log = log;
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#build(), this.#data(), this.#stage);
    } else {
      this.#plot.setData(this.#data(), false);
    }
    lines.lines.forEach(({ id }, i) => {
      if (this.#plot!.series[i + 1]!.show === hidden.has(id))
        this.#plot!.setSeries(i + 1, { show: !hidden.has(id) });
    });
    this.showRange(this.options.group.range);
    this.showCursor(this.#cursor);
  }

  get #hidden(): ReadonlySet<string> {
    return this.options.hidden ?? new Set();
  }

  #saveButton(kind: 'PNG' | 'SVG', title: string): HTMLElement {
    return el(
      'button',
      {
        class: 'link',
        title,
        'aria-label': t('Save as {0}: {1}', kind, this.options.title),
        onclick: () => void this.#save(kind),
      },
      kind,
    );
  }

  async #save(kind: 'PNG' | 'SVG'): Promise<void> {
    const plot = this.#plot;
    if (!plot) return;
    const { title, format, onSave } = this.options;
    const name = `${title.replace(/[^\p{L}\p{M}\p{N}_]+/gu, '-').replace(/-$/, '')}.${kind.toLowerCase()}`;
    if (kind === 'PNG') {
      onSave?.(name, await savePng(plot.ctx.canvas, this.#theme));
      return;
    }
    const fine = 2;
    const legend = this.#shown.map(({ line }) => ({ line, value: format(this.#valueAt(line)) }));
    onSave?.(
      name,
      saveSvg({
        title,
        width: plot.width,
        height: plot.height,
        frame: this.#frame(plot, 1),
        drawn: this.#drawn(this.#frame(plot, fine)),
        fine,
        legend,
        marks: this.#marks,
        ticks: this.#ticks,
        theme: this.#theme,
      }),
    );
  }

  get #shown(): Curve[] {
    return this.#curves.filter(({ line }) => !this.#hidden.has(line.id));
  }

  /** @param ratio pixels of the frame per CSS pixel */
  #frame({ bbox, scales }: uPlot, ratio: number): Frame {
    const grow = ratio / devicePixelRatio;
    return {
      left: bbox.left * grow,
      top: bbox.top * grow,
      width: bbox.width * grow,
      height: bbox.height * grow,
      x: { min: scales.x!.min!, max: scales.x!.max! },
      y: { min: scales.y!.min!, max: scales.y!.max! },
      log: this.#log,
    };
  }

  #drawn(frame: Frame): Drawn[] {
    // No value in sight: uPlot has no y axis then.
    if (frame.y.min == null) return [];
    return drawnOf(this.#shown, stepsIn(this.#x, this.#lines.breaks, frame), frame);
  }

  showRange(range: XRange): void {
    this.#plot?.setScale('x', range);
    // uPlot leaves the cursor where it was on screen, and moves it there with what it does next.
    if (this.#cursor !== null) queueMicrotask(() => this.showCursor(this.#cursor));
  }

  showCursor(x: number | null): void {
    this.#cursor = x;
    const plot = this.#plot;
    if (plot) {
      const left = x === null ? -10 : plot.valToPos(x, 'x');
      plot.setCursor({ left, top: x === null ? -10 : plot.bbox.height / devicePixelRatio / 2 }, false);
    }
    for (const line of this.#lines.lines)
      this.#legend.setValue(line.id, this.options.format(this.#valueAt(line)));
  }

  /** The value under the cursor, of sparse lines the last one before it; without a cursor the latest. */
  #valueAt(line: Line): number | null {
    const x = this.#cursor;
    let i = x === null ? this.#lines.x.length - 1 : this.#indexOf(x);
    while (i >= 0 && line.values[i] === null && (line.sparse || line.bridged || x === null)) i--;
    return line.values[i] ?? null;
  }

  #indexOf(x: number): number {
    let low = 0;
    let high = this.#lines.x.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#lines.x[middle]! > x) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** What uPlot points at under the cursor. The lines are drawn from columns of their own. */
  #data(): uPlot.AlignedData {
    const { x, lines } = this.#lines;
    const positive = (values: (number | null)[]) =>
      this.#log ? values.map((v) => (v !== null && v > 0 ? v : null)) : values;
    return [x, ...lines.map(({ values }) => positive(values))];
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    if (width === 0) return;
    if (this.#plot) this.#plot.setSize({ width, height });
    else if (this.#lines.x.length > 0) this.update(this.#lines, this.#marks, this.#log);
  }

  #build(): uPlot.Options {
    const { compact, group, format } = this.options;
    const axis = (grid: boolean): uPlot.Axis => ({
      stroke: () => this.#theme.muted,
      font: this.#theme.font,
      gap: 4,
      grid: { show: grid, stroke: () => this.#theme.grid, width: 0.5 },
      ticks: { show: !compact, stroke: () => this.#theme.grid, width: 0.5, size: 4 },
    });
    return {
      width: this.#stage.clientWidth,
      height: this.#stage.clientHeight,
      padding: compact ? [6, 16, 0, 0] : [markHeight(this.#marks) + 4, 24, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false },
        y: { ...(this.#log ? { distr: 3 } : {}), range: (plot) => this.#reach(plot) },
      },
      axes: [
        {
          ...axis(false),
          size: compact ? 18 : 24,
          values: (_, all) => this.#told('x', all, (v) => count(v)),
          incrs: WHOLE,
          space: compact ? 60 : 70,
        },
        {
          ...axis(true),
          size: compact ? 38 : 56,
          space: compact ? 24 : 34,
          values: (_, all) => this.#told('y', all, format),
        },
      ],
      series: [
        {},
        ...this.#lines.lines.map(
          (line): uPlot.Series => ({
            // For the dot under the cursor; scaled and drawn by this chart, in no time however many values there are.
            stroke: () => this.#theme[line.color],
            width: lineWidth(this.#theme),
            auto: false,
            paths: () => null,
            points: { show: false },
          }),
        ),
      ],
      cursor: {
        show: !compact,
        y: false,
        drag: { x: !compact, y: false, setScale: false },
        points: { size: 7 },
        dataIdx: (_plot, _series, index) => index,
        bind: {
          dblclick: () => () => {
            group.zoom(null);
            return null;
          },
        },
      },
      hooks: {
        draw: [(plot) => this.#draw(plot)],
        setCursor: [(plot) => this.#onPointer(plot)],
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 3) return;
            group.zoom({ min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') });
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    };
  }

  #draw(plot: uPlot): void {
    const ratio = devicePixelRatio;
    const frame = this.#frame(plot, ratio);
    this.#pen.draw(plot.ctx, this.#drawn(frame), frame, this.#theme, ratio);
    if (!this.options.compact) drawMarks(plot.ctx, this.#marks, frame, this.#theme, ratio);
  }

  /** The y axis reaches over everything that is seen. uPlot has found which steps those are. */
  #reach(plot: uPlot): uPlot.Range.MinMax {
    const [from, last] = plot.series[0]!.idxs ?? [0, 0];
    const reach = reachOf(this.#shown, from, last + 1, this.#log);
    if (!reach) return [null, null];
    return this.#log ? uPlot.rangeLog(...reach, 10, false) : uPlot.rangeNum(...reach, 0.1, true);
  }

  /** Writes the ticks of an axis, and keeps them for a drawing. A logarithmic axis has some without a label. */
  #told(axis: 'x' | 'y', all: (number | null)[], format: (value: number) => string): string[] {
    this.#ticks[axis] = all.flatMap((at) => (at === null ? [] : [{ at, label: format(at) }]));
    return all.map((value) => (value === null ? '' : format(value)));
  }

  /** Told by uPlot whenever its cursor moves: of what the pointer did, and then once, but not of zooming beneath it. */
  #onPointer(plot: uPlot): void {
    const { event } = plot.cursor;
    if (event === this.#pointed) return;
    this.#pointed = event;
    this.options.group.point(cursorX(plot));
  }

  /** Control (or a pinch) zooms about the pointer, Shift or a sideways wheel moves; a plain wheel scrolls the page. */
  #onWheel(event: WheelEvent): void {
    const { group, compact } = this.options;
    const plot = this.#plot;
    if (!plot || compact) return;
    const along = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (event.ctrlKey || event.metaKey) {
      const { left } = plot.over.getBoundingClientRect();
      const turn = Math.sign(event.deltaY) * Math.min(60, Math.abs(event.deltaY));
      group.zoomAbout(plot.posToVal(event.clientX - left, 'x'), Math.exp(-turn * 0.005));
    } else if (along !== 0) group.move((0.1 * along) / 100);
    else return;
    event.preventDefault();
  }

  /** Arrows move the cursor (Shift: ten times as far, or where zoomed what is shown), + and - zoom, Escape lets go. */
  #onKey(event: KeyboardEvent): void {
    const { group } = this.options;
    const { min, max } = group.range;
    const here = Math.min(max, Math.max(min, this.#cursor ?? max));
    const stride = Math.max(1, Math.round((max - min) / (event.shiftKey ? 10 : 100)));
    const along = (way: 1 | -1) => {
      if (event.shiftKey && group.zoomed) group.move(way / 10);
      else group.point(Math.min(max, Math.max(min, here + way * stride)));
    };
    const actions: Record<string, () => void> = {
      ArrowLeft: () => along(-1),
      ArrowRight: () => along(1),
      Home: () => group.point(min),
      End: () => group.point(max),
      '+': () => group.zoomAbout(this.#cursor === null ? (min + max) / 2 : here, 2),
      '-': () => group.zoom(null),
      Escape: () => group.point(null),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** The chart in words, for those who do not see it. */
  #describe(): string {
    const { x } = this.#lines;
    if (x.length === 0) return `${this.options.title}: ${this.options.empty}`;
    const { format } = this.options;
    const parts = this.#curves.map(({ line, values }) => {
      if (!values.find(0, x.length)) return t('{0}: no values', line.label);
      const last = line.values.findLast((v) => v !== null)!;
      return t(
        '{0} now {1}, between {2} and {3}',
        line.label,
        format(last),
        format(values.low),
        format(values.high),
      );
    });
    return t(
      '{0} up to step {1}. {2}. Arrow keys move the cursor, plus zooms in, Shift and arrows then move what is shown, minus shows all.',
      this.options.title,
      count(x.at(-1)!),
      parts.join('; '),
    );
  }
}

function cursorX(plot: uPlot): number | null {
  const { left } = plot.cursor;
  return left === undefined || left < 0 ? null : Math.round(plot.posToVal(left, 'x'));
}
