import type { RunStatus } from '../../src/protocol/run';
import type { RunRow } from '../../src/protocol/runs-panel';
import { el, perFrame } from '../ui/dom';
import { t } from '../ui/l10n';
import { statusIcon } from '../ui/status';
import type { Column } from './columns';

const ROW = 27;
/** Rows beyond the edges, so that scrolling shows no gap before the next frame. */
const SPARE = 12;
/** While rows change with every letter of a filter, and how long after the last the others are drawn. */
const SPARE_AT_FIRST = 2;
const SETTLED_MS = 120;
/** Rows that were drawn and are kept. */
const KEPT = 300;
/** Rows of the table above the first run. */
const HEADS = 2;
const NARROWEST = 5;
const WIDEST = 30;

const withIcon: ReadonlySet<string> = new Set(['name', 'status']);

export interface GridEvents {
  sort(column: string): void;
  filter(column: string, query: string): void;
  choose(folders: readonly string[], chosen: boolean): void;
  open(folder: string): void;
  star(folder: string, starred: boolean): void;
}

export interface GridContent {
  columns: readonly Column[];
  rows: readonly RunRow[];
  /** Of which `rows` are those that fit; the same array as long as they are the same. */
  known: readonly RunRow[];
  sort: { column: string; down: boolean };
  filters: Readonly<Record<string, string>>;
  chosen: ReadonlySet<string>;
}

/** A row that is drawn, its box, and how many of the columns have their cells. */
interface Line {
  root: HTMLElement;
  choice: HTMLInputElement;
  cells: number;
}

/**
 * The rows as a table of which only what is in sight exists: a thousand runs with fifty columns would be fifty thousand
 * elements. One row is a tab stop; arrows move, Space chooses, Enter opens.
 */
export class Grid {
  readonly root: HTMLElement;
  readonly #table = el('table', { class: 'runs-table' });
  readonly #widths = el('colgroup');
  readonly #heads = el('tr', { class: 'heads' });
  readonly #filters = el('tr', { class: 'filters' });
  readonly #body = el('tbody');
  readonly #all: HTMLInputElement;
  #content: GridContent = {
    columns: [],
    rows: [],
    known: [],
    sort: { column: '', down: false },
    filters: {},
    chosen: new Set(),
  };
  #shape = '';
  /** Index of the row that the keys act on. */
  #active = 0;
  #first = -1;
  /** How many columns are in sight: rows have these cells at once, the others when no more letters come. */
  #near = Number.POSITIVE_INFINITY;
  /** What the widths were found from. */
  #measured: Pick<GridContent, 'columns' | 'known'> | undefined;
  /** Rows as they were drawn last, by folder. */
  #drawn = new Map<string, { row: RunRow; line: Line }>();
  readonly #above = spacer();
  readonly #below = spacer();
  readonly #scrolled = perFrame(() => this.#drawWhole(false));
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: GridEvents) {
    this.#all = el('input', {
      type: 'checkbox',
      'aria-label': t('Choose all runs that are listed'),
      onchange: () => {
        const folders = this.#content.rows.map(({ summary }) => summary.folder);
        this.events.choose(folders, this.#all.checked);
      },
    });
    this.#table.append(
      el('caption', { class: 'visually-hidden' }, t('All runs')),
      this.#widths,
      el('thead', {}, this.#heads, this.#filters),
      this.#body,
    );
    this.root = el('div', { class: 'grid', onscroll: () => this.#scrolled() }, this.#table);
    this.#body.addEventListener('keydown', (event) => this.#onKey(event));
    new ResizeObserver(() => this.#drawWhole()).observe(this.root);
  }

  show(content: GridContent): void {
    if (!sameColumns(content.columns, this.#content.columns)) {
      this.#drawn.clear();
      this.#near = Number.POSITIVE_INFINITY;
    }
    this.#content = content;
    const { columns, sort, rows } = content;
    const shape = JSON.stringify([columns.map(({ id }) => id), sort]);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#drawHeads();
    }
    this.#setWidths();
    const chosen = rows.filter(({ summary }) => content.chosen.has(summary.folder)).length;
    this.#all.checked = rows.length > 0 && chosen === rows.length;
    this.#all.indeterminate = chosen > 0 && chosen < rows.length;
    this.#active = Math.max(0, Math.min(this.#active, rows.length - 1));
    this.#table.setAttribute('aria-rowcount', String(rows.length + HEADS));
    this.#drawRows(SPARE_AT_FIRST, this.#near);
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#drawWhole();
      this.#look();
    }, SETTLED_MS);
  }

  #drawHeads(): void {
    const { columns, sort, filters } = this.#content;
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.focus;
    this.#heads.replaceChildren(
      el('th', { scope: 'col', class: 'choice' }, this.#all),
      ...columns.map((column) => {
        const active = sort.column === column.id;
        return el(
          'th',
          {
            scope: 'col',
            class: column.numeric ? 'number' : undefined,
            'aria-sort': active ? (sort.down ? 'descending' : 'ascending') : 'none',
          },
          el(
            'button',
            {
              class: 'sort',
              'data-focus': `sort ${column.id}`,
              title: t('Sort by {0}', column.label),
              onclick: () => this.events.sort(column.id),
            },
            el('span', { class: 'head' }, column.label),
            el('span', { class: 'sort-arrow', 'aria-hidden': 'true' }, active ? (sort.down ? '↓' : '↑') : ''),
          ),
        );
      }),
    );
    this.#filters.replaceChildren(
      el('td', { class: 'choice' }),
      ...columns.map((column) => {
        const field = el('input', {
          class: 'filter',
          type: 'text',
          'data-focus': `filter ${column.id}`,
          'aria-label': t('Filter by {0}', column.label),
          placeholder: column.numeric ? '> 0' : t('contains'),
          title: column.numeric
            ? t('>60, <=3, 20..40 or =1; !x leaves out')
            : t('words; =exactly; !leaves out'),
          spellcheck: 'false',
        });
        field.value = filters[column.id] ?? '';
        field.addEventListener('input', () => this.events.filter(column.id, field.value));
        return el('td', {}, field);
      }),
    );
    if (focused) this.#table.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  /**
   * By the longest of the first rows, in digits: measuring would lay out the table once per column. Whatever the filters say, so
   * that columns stay where they are.
   */
  #setWidths(): void {
    const { columns, known } = this.#content;
    const before = this.#measured;
    if (before?.known === known && sameColumns(before.columns, columns)) return;
    this.#measured = { columns, known };
    const looked = known.slice(0, 200);
    const widths = columns.map((column) => {
      const longest = looked.reduce(
        (most, row) => Math.max(most, column.text(column.value(row)).length),
        // Bold, and with room for the arrow.
        Math.ceil(column.label.length * 1.1) + 2,
      );
      return Math.min(WIDEST, Math.max(NARROWEST, longest)) + 3 + (withIcon.has(column.id) ? 3 : 0);
    });
    const key = widths.join(' ');
    if (this.#widths.dataset.key === key) return;
    this.#widths.dataset.key = key;
    this.#widths.replaceChildren(
      ...[5, ...widths].map((width) => {
        const col = el('col');
        col.style.width = `${width}ch`;
        return col;
      }),
    );
    this.#table.style.width = `${widths.reduce((a, b) => a + b, 5)}ch`;
  }

  /** Asked for only when the page is laid out anyway: it would have to be at once. */
  #look(): void {
    const edge = this.root.scrollLeft + this.root.clientWidth;
    const beyond = [...this.#heads.children].findIndex((head) => (head as HTMLElement).offsetLeft > edge);
    // The first head is that of the choice.
    this.#near = beyond < 0 ? Number.POSITIVE_INFINITY : beyond - 1;
  }

  /** @param always also where hardly anything comes into sight */
  #drawWhole(always = true): void {
    this.#drawRows(SPARE, Number.POSITIVE_INFINITY, always);
  }

  /** @param cells of each row */
  #drawRows(spare: number, cells: number, always = true): void {
    const { rows, columns } = this.#content;
    const height = this.root.clientHeight;
    const top = Math.floor(this.root.scrollTop / ROW);
    const first = Math.max(0, Math.min(top - spare, rows.length - 1));
    const last = Math.min(rows.length, top + Math.ceil(height / ROW) + spare);
    if (!always && Math.abs(first - this.#first) < SPARE / 2) return;
    this.#first = first;
    const held = this.#body.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).closest('tr')?.dataset.folder
      : undefined;
    const inside = (document.activeElement as HTMLElement | null)?.dataset?.focus;
    const before = this.#drawn;
    // Rows out of sight come back with the next letter, or the one that is taken away.
    this.#drawn = before.size > KEPT ? new Map() : before;
    const lines = rows.slice(first, last).map((row, i) => {
      const { folder } = row.summary;
      const kept = before.get(folder);
      const line = kept?.row === row ? kept.line : this.#line(row);
      this.#fill(line, row, Math.min(cells, columns.length));
      this.#drawn.set(folder, { row, line });
      this.#mark(line, row, first + i);
      return line.root;
    });
    this.#above.style.height = `${first * ROW}px`;
    this.#below.style.height = `${(rows.length - last) * ROW}px`;
    place(this.#body, [this.#above, ...lines, this.#below]);
    if (held === undefined) return;
    const row = this.#body.querySelector<HTMLElement>(`tr[data-folder="${CSS.escape(held)}"]`);
    const target = inside ? row?.querySelector<HTMLElement>(`[data-focus="${CSS.escape(inside)}"]`) : row;
    target?.focus({ preventScroll: true });
  }

  #line(row: RunRow): Line {
    const { folder, name, archived } = row.summary;
    const choice = el('input', {
      type: 'checkbox',
      tabindex: -1,
      'aria-label': t('Choose {0}', name),
      onchange: () => this.events.choose([folder], choice.checked),
    });
    const root = el(
      'tr',
      {
        class: archived ? 'archived' : undefined,
        'data-folder': folder,
        onfocus: () => this.#activate(Number(root.getAttribute('aria-rowindex')) - HEADS - 1),
        ondblclick: () => this.events.open(folder),
      },
      el('td', { class: 'choice' }, choice),
    );
    return { root, choice, cells: 0 };
  }

  #fill(line: Line, row: RunRow, cells: number): void {
    if (line.cells >= cells) return;
    line.root.append(
      ...this.#content.columns.slice(line.cells, cells).map((column) => this.#cell(column, row)),
    );
    line.cells = cells;
  }

  #cell(column: Column, row: RunRow): HTMLElement {
    if (column.id === 'name') return this.#nameCell(row);
    const text = column.text(column.value(row));
    return el(
      'td',
      { class: column.numeric ? 'number' : undefined, title: text.length > WIDEST ? text : undefined },
      column.id === 'status' ? statusIcon(row.summary.status as RunStatus) : null,
      text,
    );
  }

  /** What of a row depends on where it stands and what was chosen. */
  #mark({ root, choice }: Line, { summary }: RunRow, index: number): void {
    choice.checked = this.#content.chosen.has(summary.folder);
    root.classList.toggle('chosen', choice.checked);
    root.setAttribute('aria-rowindex', String(index + HEADS + 1));
    root.tabIndex = index === this.#active ? 0 : -1;
  }

  #nameCell({ summary }: RunRow): HTMLElement {
    const { folder, name, starred } = summary;
    return el(
      'th',
      { scope: 'row', class: 'name' },
      el(
        'button',
        {
          class: 'star',
          tabindex: -1,
          'data-focus': 'star',
          'aria-pressed': String(starred),
          'aria-label': starred ? t('Take the star from {0}', name) : t('Star {0}', name),
          onclick: () => this.events.star(folder, !starred),
        },
        starred ? '★' : '☆',
      ),
      el(
        'button',
        {
          class: 'link',
          tabindex: -1,
          'data-focus': 'open',
          title: t('Open {0}', name),
          onclick: () => this.events.open(folder),
        },
        name,
      ),
    );
  }

  #activate(index: number): void {
    this.#active = index;
    for (const row of this.#body.querySelectorAll<HTMLElement>('tr[data-folder]'))
      row.tabIndex = Number(row.getAttribute('aria-rowindex')) - HEADS - 1 === index ? 0 : -1;
  }

  #onKey(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const { rows, chosen } = this.#content;
    const page = Math.max(1, Math.floor(this.root.clientHeight / ROW) - 3);
    const last = rows.length - 1;
    const to = {
      ArrowDown: this.#active + 1,
      ArrowUp: this.#active - 1,
      PageDown: this.#active + page,
      PageUp: this.#active - page,
      Home: 0,
      End: last,
    }[event.key];
    const row = rows[this.#active];
    if (to !== undefined) {
      event.preventDefault();
      this.#go(Math.max(0, Math.min(last, to)));
    } else if (row && event.key === ' ' && target.tagName === 'TR') {
      event.preventDefault();
      this.events.choose([row.summary.folder], !chosen.has(row.summary.folder));
    } else if (row && event.key === 'Enter' && target.tagName === 'TR') {
      event.preventDefault();
      this.events.open(row.summary.folder);
    } else if (row && event.key === 's' && target.tagName === 'TR') {
      this.events.star(row.summary.folder, !row.summary.starred);
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.events.choose(
        rows.map(({ summary }) => summary.folder),
        true,
      );
    }
  }

  #go(index: number): void {
    this.#active = index;
    const head = this.#table.tHead?.offsetHeight ?? 0;
    const at = index * ROW;
    const { clientHeight, scrollTop } = this.root;
    if (at < scrollTop) this.root.scrollTop = at;
    else if (at + ROW > scrollTop + clientHeight - head) this.root.scrollTop = at + ROW - clientHeight + head;
    this.#drawWhole();
    this.#body
      .querySelector<HTMLElement>(`tr[aria-rowindex="${index + HEADS + 1}"]`)
      ?.focus({ preventScroll: true });
  }
}

function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  return a.length === b.length && a.every((column, i) => column === b[i]);
}

function spacer(): HTMLElement {
  return el('tr', { class: 'spacer', 'aria-hidden': 'true' }, el('td'));
}

/** Makes these the children, and touches only what is not: everything touched is styled and laid out anew. */
function place(parent: Element, children: readonly Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children)
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
}
