import type { SplitName } from '../../src/protocol/dataset-report';
import { count } from '../model/format';
import { el, setText } from '../ui/dom';
import { t } from '../ui/l10n';
import { checkbox, dropdown } from '../ui/toolkit';
import type { ClassInfo } from '../viewer/inspect';
import type { BrowserStore } from './state';

const splitNames: Record<SplitName, string> = { train: t('Training'), val: t('Validation'), test: t('Test') };
const ANY = 'any';
/** Between two letters of a name: the list is asked for when the typing rests. */
const TYPING_MS = 200;

export interface Split {
  split: SplitName;
  count: number;
}

/** Which samples are shown: split, part of the name, contained class, problems. Tells every change. */
export class Filters {
  readonly root = el('div', { class: 'toolbar' });
  /** How much is known of what is filtered by. */
  readonly note = el('p', { class: 'filter-note', role: 'status', hidden: true });
  readonly #noteText = el('span');
  readonly #name = el('input', {
    class: 'sample-name',
    type: 'search',
    placeholder: t('Part of the name'),
    'aria-label': t('Name contains'),
  });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: BrowserStore,
    private readonly onChange: () => void,
    onCheckFully: () => void,
  ) {
    this.#name.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#set({ name: this.#name.value }), TYPING_MS);
    });
    this.note.append(
      this.#noteText,
      ' ',
      el('button', { class: 'link', onclick: onCheckFully }, t('Check every file')),
    );
  }

  /** Draws the controls as the state is. */
  render(splits: readonly Split[], classes: readonly ClassInfo[]): void {
    const { split, name, classId, problems } = this.store.value;
    if (this.#name.value !== name) this.#name.value = name;
    this.root.replaceChildren(
      dropdown(
        t('Split'),
        splits.map(({ split: id, count: n }) => ({ value: id, label: `${splitNames[id]} (${count(n)})` })),
        split,
        (value) => this.#set({ split: value as SplitName }),
      ),
      el('label', { class: 'field' }, el('span', { class: 'field-label' }, t('Name')), this.#name),
      dropdown(
        t('Contains'),
        [
          { value: ANY, label: t('Any class') },
          ...classes.map((info, id) => ({ value: String(id), label: info.name })),
        ],
        classId === null ? ANY : String(classId),
        (value) => this.#set({ classId: value === ANY ? null : Number(value) }),
      ),
      checkbox(
        t('With problems'),
        problems,
        (on) => this.#set({ problems: on }),
        t('Those in which a check found something wrong'),
      ),
    );
  }

  /** @param known samples of the split whose files a check has read, @param of all of them */
  tellKnown(known: number, of: number): void {
    const { classId, problems } = this.store.value;
    this.note.hidden = known === of || (classId === null && !problems);
    setText(
      this.#noteText,
      known === 0
        ? t('What the samples contain is not known yet: no file was read by a check.')
        : t('Known for {0} of {1} samples: those whose files a check has read.', count(known), count(of)),
    );
  }

  #set(change: Parameters<BrowserStore['set']>[0]): void {
    this.store.set({ ...change, index: 0 });
    this.onChange();
  }
}
