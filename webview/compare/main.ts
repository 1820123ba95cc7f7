import '../ui/policy';
import '../ui/base.css';
import '../ui/controls.css';
import '../run/run.css';
import './compare.css';
import { type FromComparePanel, toComparePanelSchema } from '../../src/protocol/compare-panel';
import { percent } from '../model/format';
import { methodLabel, statusLabel } from '../model/names';
import { el, perFrame, setText } from '../ui/dom';
import { listenTo, postAs } from '../ui/host';
import { t } from '../ui/l10n';
import { statusIcon } from '../ui/status';
import { tabs } from '../ui/tabs';
import { checkbox } from '../ui/toolkit';
import { armsOf, hasSeeds, labelOf, type Run, runOf } from './arms';
import { Classes } from './classes';
import { Configuration } from './configuration';
import { Curves } from './curves';
import { Samples } from './samples';
import { CompareStore } from './state';
import type { Comparison, Part } from './view';

/** The panel that compares runs: says it is ready, draws all of them, then follows their journals. */
const store = new CompareStore();
const post = (message: FromComparePanel): void => postAs(message);
const save = (name: string, data: string | ArrayBuffer): void => post({ kind: 'save', name, data });
const samples = new Samples(store, (folder, request) => post({ kind: 'requestSample', folder, ...request }));
const parts = {
  curves: new Curves(store, save),
  classes: new Classes(store, save),
  samples,
  configuration: new Configuration(save),
} satisfies Record<string, Part>;
const labels = {
  curves: t('Curves'),
  classes: t('Classes'),
  samples: t('Samples'),
  configuration: t('Configuration'),
} as const;

let runs: Run[] = [];
let revision = 0;
let listed = '';

const list = el('ul', { class: 'compared' });
const fold = checkbox(t('Fold seeds'), store.value.fold, (on) => {
  store.set({ fold: on });
  render();
});
fold.title = t('Runs that differ in their seeds alone become one: mean and standard deviation');
const problem = el('p', { class: 'alert', role: 'alert', hidden: true });
const waiting = el('p', { class: 'empty waiting', role: 'status' }, t('Reading the runs…'));
const content = tabs(t('Parts of the comparison'), labels, parts, store.value.tab, (tab) => {
  store.set({ tab });
  draw();
});
const root = document.getElementById('root')!;
root.replaceChildren(waiting, problem);

function draw(): void {
  // Tabs show their first part while this file is still being read.
  if (runs.length === 0) return;
  const comparison: Comparison = { runs, arms: armsOf(runs, store.value.fold), revision };
  fold.hidden = !hasSeeds(runs);
  drawList();
  parts[store.value.tab].render(comparison);
}
/** Steps may come much faster than anyone can see. */
const render = perFrame(draw, 200);

function drawList(): void {
  const rows = runs
    .map((run) => ({ s: run.summary, name: labelOf(run, runs) }))
    .map(({ s, name }) => ({
      folder: s.folder,
      name,
      status: s.status,
      facts: [
        methodLabel(s.methods),
        statusLabel[s.status],
        s.bestStudentMiou === undefined ? '' : t('best mIoU {0}', percent(s.bestStudentMiou)),
      ],
    }));
  const shape = JSON.stringify(rows);
  if (shape === listed) return;
  listed = shape;
  list.replaceChildren(
    ...rows.map(({ folder, name, status, facts }) =>
      el(
        'li',
        {},
        statusIcon(status),
        el(
          'button',
          { class: 'link', title: t('Open {0}', name), onclick: () => post({ kind: 'open', folder }) },
          name,
        ),
        el('span', { class: 'facts-line' }, facts.filter(Boolean).join('  ·  ')),
      ),
    ),
  );
}

function tell(message: string): void {
  problem.hidden = false;
  setText(problem, message);
}

listenTo(
  toComparePanelSchema,
  (message) => {
    switch (message.kind) {
      case 'runs':
        runs = message.runs.map(runOf);
        revision++;
        if (runs.length < 2) {
          setText(waiting, t('There are not two of these runs left to compare.'));
          break;
        }
        store.set({ folders: runs.map(({ summary }) => summary.folder) });
        samples.reset();
        if (waiting.isConnected)
          root.replaceChildren(
            el('header', { class: 'header' }, el('h1', {}, t('Comparison')), list, fold),
            problem,
            content.root,
          );
        render();
        break;
      case 'events': {
        const run = runs.find(({ summary }) => summary.folder === message.run.folder);
        if (!run) break;
        run.summary = message.run;
        run.model.apply(message.events);
        revision++;
        render();
        break;
      }
      case 'sample':
        samples.receive(message.folder, message);
        break;
      case 'problem':
        if (message.folder) samples.problem(message.folder, message.message);
        else tell(message.message);
        break;
      default:
        message satisfies never;
    }
  },
  tell,
);
post({ kind: 'ready' });
