import '../ui/policy';
import '../ui/base.css';
import './live.css';
import { count } from '../model/format';
import { RunModel } from '../model/run-model';
import { chosenSample, stopsOf } from '../model/samples';
import type { Scene } from '../run/view';
import { el, perFrame, setText } from '../ui/dom';
import { listen, post } from '../ui/host';
import { t } from '../ui/l10n';
import { SampleSource } from '../viewer/sample-source';
import { Card } from './card';
import { classKey, thumbnails } from './thumbs';

/** The Live view: the run that trains now, or ran last, in small. */
const root = document.getElementById('root')!;
const card = new Card();
const caption = el('h2', { class: 'sample-caption' });
const thumbs = el('div', { class: 'thumbs' });
const key = el('div');
const problem = el('p', { class: 'alert', role: 'alert', hidden: true });
const sample = el(
  'section',
  { class: 'sample', 'aria-label': t('Newest sample'), hidden: true },
  caption,
  thumbs,
  key,
);
const empty = el(
  'div',
  { class: 'quiet' },
  el('h1', {}, t('Nothing is running.')),
  el(
    'p',
    { class: 'hint' },
    t(
      'Start a run with “Distillation: Start LAD Run” or “Start RDD Run” from the command palette; it is shown here while it trains.',
    ),
  ),
);

let scene: Scene | undefined;
let shown = '';
const source = new SampleSource(
  (request) => post({ kind: 'requestSample', ...request }),
  (picture) => {
    if (!scene) return;
    const { stage, step, id } = picture.key;
    sample.hidden = false;
    problem.hidden = true;
    setText(
      caption,
      stage === 'teacher'
        ? t('{0} · teacher step {1}', id, count(step))
        : t('{0} · student step {1}', id, count(step)),
    );
    thumbs.replaceChildren(...thumbnails(picture, scene.classes));
    key.replaceChildren(classKey(picture, scene.classes));
  },
  (message) => {
    problem.hidden = false;
    setText(problem, message);
  },
  true,
);

const render = perFrame(() => {
  if (!scene) return;
  card.render(scene);
  const stop = stopsOf(scene.model).at(-1);
  if (!stop) return;
  const { stage, step, id } = chosenSample(stop, null, scene.model);
  const name = `${stage}/${step}/${id}`;
  if (name === shown) return;
  shown = name;
  source.want({ stage, step, id });
}, 200);

listen((message) => {
  switch (message.kind) {
    case 'snapshot': {
      source.reset();
      shown = '';
      if (!message.run) {
        scene = undefined;
        sample.hidden = true;
        root.replaceChildren(empty, problem);
        break;
      }
      const { run, classes, deviations, configText, events } = message;
      const model = new RunModel();
      model.apply(events);
      if (scene?.run.id !== run.id) sample.hidden = true;
      scene = { run, model, classes, deviations, configText };
      root.replaceChildren(card.root, sample, problem);
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
      source.receive(message);
      break;
    case 'show':
      break;
    case 'problem':
      source.problem(message.message);
      break;
    default:
      message satisfies never;
  }
});
post({ kind: 'ready' });
