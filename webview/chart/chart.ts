import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { count } from '../model/format';
import { el } from '../ui/dom';
import { onThemeChange, readTheme, type Theme } from '../ui/theme';
import type { ChartGroup, GroupMember, XRange } from './group';
import { ChartLegend } from './legend';
import type { Line, Lines } from './lines';
import { drawMarks, type Mark, markHeight } from './marks';

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
  onSave?(title: string, png: ArrayBuffer): void;
}

/** One uPlot chart with an accessible legend, driven by lines over the continuous step axis. */
export class Chart implements GroupMember {
  readonly root: HTMLElement;
  readonly #stage: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #legend: ChartLegend;
  #plot: uPlot | undefined;
  #shape = '';
  #lines: Lines = { x: [], lines: [], breaks: [] };
  #marks: readonly Mark[] = [];
  #theme: Theme = readTheme();
  #log = false;
  #cursor: number | null = null;

  constructor(private readonly options: ChartOptions) {
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
            options.onSave &&
              el(
                'button',
                {
                  class: 'link chart-save',
                  title: 'Save this chart as a picture',
                  'aria-label': `Save as PNG: ${options.title}`,
                  onclick: () => void this.#save(),
                },
                'PNG',
              ),
          ),
      this.#stage,
      this.#empty,
    );
    this.#stage.style.height = `${options.height}px`;
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
    const hidden = this.options.hidden ?? new Set();
    const any = lines.x.length > 0;
    this.#stage.hidden = !any;
    this.#empty.hidden = any;
    this.#legend.show(lines.lines, hidden);
    this.#stage.setAttribute('aria-label', this.#describe());
    if (!any || this.#stage.clientWidth === 0) return;
    const shape = JSON.stringify([
      lines.lines.map((l) => [l.id, !!l.faint, !!l.spread, l.color]),
      log,
      markHeight(marks),
    ]);
    if (!this.#plot || shape !== this.#shape) {
      this.#shape = shape;
      this.#log = log;
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#build(), this.#data(), this.#stage);
    } else {
      this.#plot.setData(this.#data(), false);
    }
    drawn(lines.lines).forEach((s, i) => {
      if (this.#plot!.series[i + 1]!.show === hidden.has(s.id))
        this.#plot!.setSeries(i + 1, { show: !hidden.has(s.id) });
    });
    this.showRange(this.options.group.range);
    this.showCursor(this.#cursor);
  }

  /** What is seen, on the background it is seen on. */
  async #save(): Promise<void> {
    const plot = this.#plot?.ctx.canvas;
    if (!plot) return;
    const sheet = new OffscreenCanvas(plot.width, plot.height);
    const ctx = sheet.getContext('2d')!;
    ctx.fillStyle = this.#theme.background;
    ctx.fillRect(0, 0, plot.width, plot.height);
    ctx.drawImage(plot, 0, 0);
    const png = await (await sheet.convertToBlob({ type: 'image/png' })).arrayBuffer();
    this.options.onSave?.(this.options.title, png);
  }

  showRange(range: XRange): void {
    this.#plot?.setScale('x', range);
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

  #data(): uPlot.AlignedData {
    const positive = (values: (number | null)[]) =>
      this.#log ? values.map((v) => (v !== null && v > 0 ? v : null)) : values;
    return [this.#lines.x, ...drawn(this.#lines.lines).map((s) => positive(s.values))];
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
      padding: compact ? [6, 8, 0, 0] : [markHeight(this.#marks) + 4, 24, 0, 0],
      legend: { show: false },
      scales: { x: { time: false }, y: this.#log ? { distr: 3 } : {} },
      axes: [
        {
          ...axis(false),
          size: compact ? 18 : 24,
          values: (_, all) => all.map((v) => count(v)),
          space: compact ? 60 : 70,
        },
        {
          ...axis(true),
          size: compact ? 38 : 56,
          space: compact ? 24 : 34,
          values: (_, all) => all.map((v) => (v === null ? '' : format(v))),
        },
      ],
      bands: bandsOf(drawn(this.#lines.lines), this.#theme),
      series: [
        {},
        ...drawn(this.#lines.lines).map(
          (s): uPlot.Series => ({
            stroke: () => this.#theme[s.color],
            width: s.edge ? 0 : this.#theme.highContrast ? 2 : 1.5,
            alpha: s.ghost ? 0.25 : 1,
            spanGaps: !!s.sparse || !!s.bridged,
            gaps: (plot, _series, _from, _to, found) =>
              [...found, ...this.#gaps(plot)].sort((a, b) => a[0] - b[0]),
            points: { show: !!s.sparse && !s.edge, size: 6, fill: () => this.#theme[s.color] },
            ...(s.dash && !s.ghost ? { dash: s.dash } : {}),
          }),
        ),
      ],
      cursor: {
        show: !compact,
        y: false,
        drag: { x: !compact, y: false, setScale: false },
        points: { size: 7 },
        // The faint twin of a line has no value of its own to point at.
        dataIdx: (_plot, series, index) => (drawn(this.#lines.lines)[series - 1]?.silent ? null! : index),
        bind: {
          dblclick: () => () => {
            group.zoom(null);
            return null;
          },
        },
      },
      hooks: {
        draw: [(plot) => compact || drawMarks(plot, this.#marks, this.#theme)],
        setCursor: [(plot) => group.point(cursorX(plot))],
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

  /** Between the last step of a stage and the first of the next; at least two pixels, however dense the steps are. */
  #gaps(plot: uPlot): [number, number][] {
    return this.#lines.breaks.map((x) => {
      const from = plot.valToPos(x - 1, 'x', true);
      const to = plot.valToPos(x, 'x', true);
      const grow = Math.max(0, 2 - (to - from)) / 2;
      return [from - grow, to + grow];
    });
  }

  #onKey(event: KeyboardEvent): void {
    const { group } = this.options;
    const { min, max } = group.range;
    const here = this.#cursor ?? max;
    const stride = Math.max(1, Math.round((max - min) / (event.shiftKey ? 10 : 100)));
    const span = max - min;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => group.point(Math.max(min, here - stride)),
      ArrowRight: () => group.point(Math.min(max, here + stride)),
      Home: () => group.point(min),
      End: () => group.point(max),
      '+': () => group.zoom({ min: Math.max(0, here - span / 4), max: here + span / 4 }),
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
    const { x, lines } = this.#lines;
    if (x.length === 0) return `${this.options.title}: ${this.options.empty}`;
    const parts = lines.map((line) => {
      const numbers = line.values.filter((v) => v !== null);
      if (numbers.length === 0) return `${line.label}: no values`;
      const lowest = numbers.reduce((a, b) => Math.min(a, b));
      const highest = numbers.reduce((a, b) => Math.max(a, b));
      const { format } = this.options;
      return `${line.label} now ${format(numbers.at(-1)!)}, between ${format(lowest)} and ${format(highest)}`;
    });
    return `${this.options.title} up to step ${count(x.at(-1)!)}. ${parts.join('; ')}. Arrow keys move the cursor, plus zooms in, minus shows all.`;
  }
}

interface DrawnLine extends Line {
  /** Drawn faintly beneath the line it belongs to. */
  ghost?: boolean;
  /** The edge of a band, itself not seen. */
  edge?: 'low' | 'high';
  /** Has no value of its own to point at. */
  silent?: boolean;
}

/** Lines in drawing order: bands and faint twins first, beneath everything. */
function drawn(lines: readonly Line[]): DrawnLine[] {
  const edges = lines.flatMap((line): DrawnLine[] =>
    line.spread
      ? (['high', 'low'] as const).map((edge) => ({
          ...line,
          values: line.spread![edge],
          edge,
          silent: true,
        }))
      : [],
  );
  const ghosts = lines
    .filter((line) => line.faint)
    .map((line): DrawnLine => ({ ...line, values: line.faint!, ghost: true, silent: true }));
  return [...edges, ...ghosts, ...lines];
}

function bandsOf(lines: readonly DrawnLine[], theme: Theme): uPlot.Band[] {
  return lines.flatMap((line, i): uPlot.Band[] =>
    line.edge === 'high'
      ? [{ series: [i + 1, i + 2], fill: `color-mix(in srgb, ${theme[line.color]} 22%, transparent)` }]
      : [],
  );
}

function cursorX(plot: uPlot): number | null {
  const { left } = plot.cursor;
  return left === undefined || left < 0 ? null : Math.round(plot.posToVal(left, 'x'));
}
