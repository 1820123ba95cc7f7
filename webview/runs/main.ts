import '../ui/policy';
import '../ui/base.css';
import '../ui/controls.css';
import './runs.css';
import {
  type FromRunsPanel,
  type RunRow,
  type RunsPanelCommand,
  toRunsPanelSchema,
} from '../../src/protocol/runs-panel';
import { count } from '../model/format';
import { csv, json, type TextTable } from '../model/table-text';
import { el, perFrame, setText } from '../ui/dom';
import { listenTo, postAs } from '../ui/host';
import { t } from '../ui/l10n';
import { button, checkbox } from '../ui/toolkit';
import { type Column, columnsOf, differs } from './columns';
import { select } from './filter';
import { Grid } from './grid';
import { ColumnPicker } from './picker';
import { TableStore } from './state';

/** The table of all runs: what they were made with and what came of it, sorted, filtered, chosen and exported. */
const store = new TableStore();
const runs = new Map<string, RunRow>();
let columns: Column[] = [];
let listed: RunRow[] = [];
let shown: Column[] = [];

const post = (message: FromRunsPanel): void => postAs(message);
const command = (name: RunsPanelCommand, folders: readonly string[]): void => {
  if (folders.length > 0) post({ kind: 'command', command: name, folders: [...folders] });
};
const chosen = (): string[] => store.value.chosen.filter((folder) => runs.has(folder));

const grid = new Grid({
  sort: (column) => {
    const { sort } = store.value;
    const numeric = columns.find(({ id }) => id === column)?.numeric ?? false;
    store.set({ sort: { column, down: sort.column === column ? !sort.down : numeric } });
    render();
  },
  filter: (column, query) => {
    store.set({ filters: { ...store.value.filters, [column]: query } });
    render();
  },
  choose: (folders, on) => {
    const all = new Set(store.value.chosen);
    for (const folder of folders)
      if (on) all.add(folder);
      else all.delete(folder);
    store.set({ chosen: [...all] });
    render();
  },
  open: (folder) => command('open', [folder]),
  star: (folder, starred) => command(starred ? 'star' : 'unstar', [folder]),
});

const words = el('input', {
  class: 'words',
  type: 'search',
  'aria-label': t('Filter by words in any column'),
  placeholder: t('Words in any column'),
  spellcheck: 'false',
});
words.value = store.value.words;
words.addEventListener('input', () => {
  store.set({ words: words.value });
  render();
});
const picker = new ColumnPicker((id, on) => {
  store.set({ columns: { ...store.value.columns, [id]: on } });
  render();
});
const tally = el('p', { class: 'tally', role: 'status', 'aria-live': 'polite' });
const clear = button(t('Clear filters'), {
  onClick: () => {
    words.value = '';
    store.set({ words: '', filters: {} });
    for (const field of grid.root.querySelectorAll<HTMLInputElement>('.filter')) field.value = '';
    render();
  },
});
const onChosen = {
  compare: button(t('Compare'), { appearance: 'primary', onClick: () => command('compare', chosen()) }),
  star: button(t('Star'), { onClick: () => command('star', chosen()) }),
  archive: button(t('Archive'), { onClick: () => command('archive', chosen()) }),
  unarchive: button(t('Bring back'), { onClick: () => command('unarchive', chosen()) }),
  rename: button(t('Rename…'), { onClick: () => command('rename', chosen().slice(0, 1)) }),
  remove: button(t('Delete…'), { onClick: () => command('delete', chosen()) }),
};
const chosenTally = el('span', { class: 'field-label' });
const chosenBar = el(
  'div',
  { class: 'toolbar chosen-bar', role: 'group', 'aria-label': t('Chosen runs') },
  chosenTally,
  ...Object.values(onChosen),
);
const problem = el('p', { class: 'alert', role: 'alert', hidden: true });
const empty = el('p', { class: 'empty', hidden: true });

document.getElementById('root')!.replaceChildren(
  el('h1', { class: 'visually-hidden' }, t('All Runs')),
  el(
    'div',
    { class: 'toolbar' },
    words,
    picker.root,
    checkbox(t('Only columns that differ'), store.value.differing, (differing) => {
      store.set({ differing });
      render();
    }),
    checkbox(t('Archived too'), store.value.archived, (archived) => {
      store.set({ archived });
      render();
    }),
    clear,
    el('span', { class: 'space' }),
    button('CSV', { title: t('Save the listed rows and columns as CSV'), onClick: () => save('csv') }),
    button('JSON', { title: t('Save the listed rows and columns as JSON'), onClick: () => save('json') }),
  ),
  chosenBar,
  problem,
  grid.root,
  empty,
  tally,
);

/** What no filter changes: looked up once for all letters of one. Undefined after the runs changed. */
let looked: { archived: boolean; known: readonly RunRow[]; different: ReadonlySet<Column> } | undefined;
function look(): NonNullable<typeof looked> {
  const { archived } = store.value;
  if (looked?.archived === archived) return looked;
  const known = [...runs.values()].filter(({ summary }) => archived || !summary.archived);
  looked = { archived, known, different: new Set(columns.filter((column) => differs(column, known))) };
  return looked;
}

function draw(): void {
  const all = [...runs.values()];
  const { differing, archived, words: query, filters, sort, columns: choices } = store.value;
  const { known, different } = look();
  const isShown = (column: Column): boolean => {
    const usual = column.group === 'configuration' ? different.has(column) : column.shown;
    if (!(choices[column.id] ?? usual)) return false;
    return !differing || column.id === 'name' || different.has(column);
  };
  shown = columns.filter(isShown);
  listed = select(all, columns, { words: query, filters: active(filters), archived, sort });
  const marked = new Set(chosen());
  grid.show({ columns: shown, rows: listed, known, sort, filters, chosen: marked });
  picker.show(columns, new Set(shown.map(({ id }) => id)));
  const hidden = all.length - known.length;
  setText(
    tally,
    hidden > 0
      ? t('{0} of {1} runs, {2} archived', count(listed.length), count(known.length), count(hidden))
      : t('{0} of {1} runs', count(listed.length), count(known.length)),
  );
  empty.hidden = listed.length > 0;
  setText(
    empty,
    all.length === 0 ? t('There are no runs in this workspace yet.') : t('No run fits these filters.'),
  );
  clear.hidden = query === '' && Object.keys(active(filters)).length === 0;
  chosenBar.hidden = marked.size === 0;
  setText(chosenTally, marked.size === 1 ? t('1 run chosen') : t('{0} runs chosen', count(marked.size)));
  onChosen.compare.hidden = marked.size < 2;
  onChosen.rename.hidden = marked.size !== 1;
  const away = [...marked].filter((folder) => runs.get(folder)?.summary.archived).length;
  onChosen.unarchive.hidden = away === 0;
  onChosen.archive.hidden = away === marked.size;
}
const render = perFrame(draw);

/** A filter of a column that is not shown would hide rows without anyone seeing why. */
function active(filters: Readonly<Record<string, string>>): Record<string, string> {
  const there = new Set(shown.map(({ id }) => id));
  return Object.fromEntries(Object.entries(filters).filter(([id, query]) => query !== '' && there.has(id)));
}

function save(kind: 'csv' | 'json'): void {
  const table: TextTable = {
    heads: shown.map(({ label }) => label),
    rows: listed.map((row) => shown.map((column) => column.value(row))),
  };
  post({ kind: 'save', name: `runs.${kind}`, data: kind === 'csv' ? csv(table) : json(table) });
}

listenTo(
  toRunsPanelSchema,
  (message) => {
    if (message.kind === 'runs') runs.clear();
    else for (const folder of message.gone) runs.delete(folder);
    for (const row of message.rows) runs.set(row.summary.folder, row);
    columns = columnsOf([...runs.values()]);
    looked = undefined;
    render();
  },
  (message) => {
    problem.hidden = false;
    setText(problem, message);
  },
);
post({ kind: 'ready' });
