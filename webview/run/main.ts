import '../ui/policy';
import '../ui/base.css';
import '../ui/controls.css';
import './run.css';
import { RunModel } from '../model/run-model';
import { el, perFrame, setText } from '../ui/dom';
import { listen, post } from '../ui/host';
import { t } from '../ui/l10n';
import { tabs } from '../ui/tabs';
import { Classes } from './classes';
import { Configuration } from './configuration';
import { Curves } from './curves';
import { Header } from './header';
import { Notes } from './notes';
import { Samples } from './samples';
import { StateStore } from './state';
import type { Scene, View } from './view';

/** The run panel: says it is ready, draws the snapshot, then follows the journal. */
const store = new StateStore();
const header = new Header();
const samples = new Samples(store);
const parts = {
  curves: new Curves(store),
  samples,
  classes: new Classes(),
  configuration: new Configuration(),
  notes: new Notes(),
} satisfies Record<string, View>;
const labels = {
  curves: t('Curves'),
  samples: t('Samples'),
  classes: t('Classes'),
  configuration: t('Configuration'),
  notes: t('Notes'),
} as const;

let scene: Scene | undefined;
function draw(): void {
  if (!scene) return;
  header.render(scene);
  parts[store.value.tab].render(scene);
}
/** Steps may come much faster than anyone can see. */
const render = perFrame(draw, 150);

const problem = el('p', { class: 'alert', role: 'alert', hidden: true });
const content = tabs(t('Parts of the run'), labels, parts, store.value.tab, (tab) => {
  store.set({ tab });
  draw();
});
const waiting = el('p', { class: 'empty waiting', role: 'status' }, t('Reading the run…'));
document.getElementById('root')!.replaceChildren(waiting);

listen((message) => {
  switch (message.kind) {
    case 'snapshot': {
      if (!message.run) {
        setText(waiting, t('This run is no longer there.'));
        break;
      }
      const { run, classes, deviations, configText, events } = message;
      const model = new RunModel();
      model.apply(events);
      scene = { run, model, classes, deviations, configText };
      store.set({ runFolder: run.folder });
      samples.reset();
      if (store.value.tab === 'samples') samples.prepare(scene);
      if (waiting.isConnected)
        document.getElementById('root')!.replaceChildren(header.root, problem, content.root);
      render();
      break;
    }
    case 'events':
      if (!scene) break;
      scene.run = message.run;
      scene.model.apply(message.events);
      render();
      break;
    case 'sample':
      samples.receive(message);
      break;
    case 'show':
      content.show(message.tab);
      break;
    case 'problem':
      if (!scene) setText(waiting, message.message);
      else if (store.value.tab === 'samples') samples.problem(message.message);
      else {
        problem.hidden = false;
        setText(problem, message.message);
      }
      break;
    default:
      message satisfies never;
  }
});
post({ kind: 'ready' });
