import { el, setText } from '../ui/dom';
import { post } from '../ui/host';
import { t } from '../ui/l10n';
import type { Scene, View } from './view';

const SAVE_AFTER_MS = 600;

/** What the user noted about the run: saved while typing, beside the run. */
export class Notes implements View {
  readonly root: HTMLElement;
  readonly #text = el('textarea', {
    class: 'notes-text',
    id: 'notes-text',
    rows: 16,
    maxlength: 100_000,
    'aria-describedby': 'notes-hint',
  });
  readonly #state = el('p', { class: 'hint', id: 'notes-hint', role: 'status', 'aria-live': 'polite' });
  #saving: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.root = el(
      'section',
      { class: 'notes' },
      el('label', { for: 'notes-text' }, el('h2', {}, t('Notes'))),
      this.#text,
      this.#state,
    );
    this.#text.addEventListener('input', () => {
      clearTimeout(this.#saving);
      this.#saving = setTimeout(() => this.#save(), SAVE_AFTER_MS);
    });
    // A panel that is closed or hidden takes what was typed with it.
    for (const event of ['blur', 'visibilitychange'] as const)
      (event === 'blur' ? this.#text : document).addEventListener(event, () => this.#save());
  }

  render({ run }: Scene): void {
    setText(this.#state, t('Kept as notes.json in the run folder.'));
    if (document.activeElement !== this.#text && this.#saving === undefined && this.#text.value !== run.notes)
      this.#text.value = run.notes;
  }

  #save(): void {
    if (this.#saving === undefined) return;
    clearTimeout(this.#saving);
    this.#saving = undefined;
    post({ kind: 'notes', text: this.#text.value });
  }
}
