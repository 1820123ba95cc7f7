import { methodLabel } from '../model/names';
import { el } from '../ui/dom';
import { t } from '../ui/l10n';
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
      [t('Method'), methodLabel(run.methods)],
      [t('Student'), run.student],
      [t('Engine'), run.engine ?? t('not known yet')],
      [t('Started'), new Date(run.createdAt).toLocaleString()],
      [t('Run'), run.id],
      [t('Folder'), run.folder],
    ];
    this.root.replaceChildren(
      el('h2', {}, t('Run')),
      el('dl', { class: 'facts' }, ...facts.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)])),
      ...loadedWeights(model.weights),
      el('h2', {}, t('Deviations from the papers and the released code')),
      deviations.length > 0
        ? el('ul', { class: 'deviations' }, ...deviations.map((d) => el('li', {}, d)))
        : el('p', { class: 'empty' }, t('None.')),
      ...(model.warnings.length > 0
        ? [
            el('h2', {}, t('Warnings')),
            el('ul', { class: 'deviations' }, ...model.warnings.map((w) => el('li', {}, w))),
          ]
        : []),
      el('h2', {}, t('Configuration, every default filled in')),
      el(
        'pre',
        { class: 'json', tabindex: 0, 'aria-label': t('Resolved configuration') },
        ...highlightJson(configText),
      ),
    );
  }
}
