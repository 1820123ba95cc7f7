import { methodLabel } from '../model/names';
import { el } from '../ui/dom';
import { highlightJson } from './json';
import { loadedWeights } from './loaded-weights';
import type { Scene, View } from './view';

/** What the run was made with: engine, deviations from papers and code, the configuration with every default. */
export class Configuration implements View {
  readonly root = el('section', { class: 'configuration' });
  #shown = '';

  render({ run, deviations, configText, model }: Scene): void {
    const shape = JSON.stringify([run.id, run.engine, deviations, configText, model.warnings, model.weights]);
    if (shape === this.#shown) return;
    this.#shown = shape;
    const facts: [string, string][] = [
      ['Method', methodLabel(run.methods)],
      ['Student', run.student],
      ['Engine', run.engine ?? 'not known yet'],
      ['Started', new Date(run.createdAt).toLocaleString()],
      ['Run', run.id],
      ['Folder', run.folder],
    ];
    this.root.replaceChildren(
      el('h2', {}, 'Run'),
      el('dl', { class: 'facts' }, ...facts.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)])),
      ...loadedWeights(model.weights),
      el('h2', {}, 'Deviations from the papers and the released code'),
      deviations.length > 0
        ? el('ul', { class: 'deviations' }, ...deviations.map((d) => el('li', {}, d)))
        : el('p', { class: 'empty' }, 'None.'),
      ...(model.warnings.length > 0
        ? [
            el('h2', {}, 'Warnings'),
            el('ul', { class: 'deviations' }, ...model.warnings.map((w) => el('li', {}, w))),
          ]
        : []),
      el('h2', {}, 'Configuration, every default filled in'),
      el(
        'pre',
        { class: 'json', tabindex: 0, 'aria-label': 'Resolved configuration' },
        ...highlightJson(configText),
      ),
    );
  }
}
