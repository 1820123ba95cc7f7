import { el } from '../ui/dom';
import { t } from '../ui/l10n';
import type { Column } from './columns';

const groups: Record<Column['group'], string> = {
  run: t('Run'),
  result: t('Results'),
  configuration: t('Configuration'),
};

/** Which columns are shown: a list to tick, behind a button. */
export class ColumnPicker {
  readonly root: HTMLElement;
  readonly #list = el('div', {
    class: 'picker-list',
    tabindex: 0,
    role: 'group',
    'aria-label': t('Columns'),
  });
  #shape = '';

  constructor(private readonly onChange: (id: string, shown: boolean) => void) {
    const details = el('details', { class: 'picker' }, el('summary', {}, t('Columns')), this.#list);
    details.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      details.open = false;
      details.querySelector('summary')?.focus();
    });
    // A list that lies over the table goes when the user turns to the table.
    document.addEventListener('pointerdown', (event) => {
      if (!details.contains(event.target as Node)) details.open = false;
    });
    this.root = details;
  }

  show(columns: readonly Column[], shown: ReadonlySet<string>): void {
    const shape = JSON.stringify([columns.map(({ id }) => id), [...shown]]);
    if (shape === this.#shape) return;
    this.#shape = shape;
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.column;
    const boxes = (group: Column['group']) =>
      columns
        .filter((column) => column.group === group)
        .map((column) => this.#box(column, shown.has(column.id)));
    this.#list.replaceChildren(
      ...(Object.keys(groups) as Column['group'][]).flatMap((group) => {
        const all = boxes(group);
        return all.length > 0 ? [el('fieldset', {}, el('legend', {}, groups[group]), ...all)] : [];
      }),
    );
    if (focused) this.#list.querySelector<HTMLElement>(`[data-column="${CSS.escape(focused)}"]`)?.focus();
  }

  #box(column: Column, shown: boolean): HTMLElement {
    const box = el('input', {
      type: 'checkbox',
      'data-column': column.id,
      onchange: () => this.onChange(column.id, box.checked),
    });
    box.checked = shown;
    return el('label', {}, box, column.label);
  }
}
