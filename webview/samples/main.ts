import '../ui/policy';
import '../ui/base.css';
import '../ui/controls.css';
import '../run/run.css';
import './samples.css';
import {
  type BrowserAnswer,
  type BrowserSample,
  type FromBrowser,
  toBrowserSchema,
} from '../../src/protocol/dataset-browser';
import { el, setText } from '../ui/dom';
import { listenTo, postAs } from '../ui/host';
import { t } from '../ui/l10n';
import { Filters } from './filters';
import { SamplePicture } from './picture';
import { BrowserStore } from './state';
import { SampleViewer } from './viewer';
import { Walk } from './walk';

/** The sample browser: asks which samples there are, then for one at a time, always the one wanted last. */
const store = new BrowserStore();
const post = (message: FromBrowser): void => postAs(message);

let opened: Extract<BrowserAnswer, { kind: 'opened' }> | undefined;
/** The list that was asked for last; older answers are passed over. */
let request = 0;
let asked: { split: string; index: number } | undefined;
let wanted: { split: string; index: number } | undefined;

const title = el('h1');
const folder = el('p', { class: 'hint folder' });
const problem = el('p', { class: 'alert', role: 'alert', hidden: true });
const nothing = el('p', { class: 'empty', role: 'status', hidden: true }, t('No sample is like that.'));
const waiting = el('p', { class: 'empty waiting', role: 'status' }, t('Reading the dataset…'));
const filters = new Filters(store, find, () => post({ kind: 'checkFully' }));
const walk = new Walk((index) => {
  store.set({ index });
  load(index);
});
const viewer = new SampleViewer(store, (which) => post({ kind: 'openFile', which }));
const root = document.getElementById('root')!;
root.replaceChildren(waiting);

function find(): void {
  const { split, name, classId, problems } = store.value;
  post({ kind: 'find', request: ++request, split, name, classId, problems });
}

function load(index: number): void {
  wanted = { split: store.value.split, index };
  viewer.loading = true;
  if (!asked) ask();
}

function ask(): void {
  if (!wanted) return;
  asked = wanted;
  wanted = undefined;
  post({ kind: 'sample', split: store.value.split, index: asked.index });
}

function show(sample: BrowserSample): void {
  asked = undefined;
  if (wanted) {
    ask();
    return;
  }
  problem.hidden = true;
  viewer.show(new SamplePicture(sample), opened?.classes ?? []);
}

function fail(message: string): void {
  asked = undefined;
  viewer.loading = false;
  if (waiting.isConnected) setText(waiting, message);
  problem.hidden = false;
  setText(problem, message);
  if (wanted) ask();
}

/** The dataset may have changed since the state was kept. */
function begin(message: NonNullable<typeof opened>): void {
  opened = message;
  const { splits, classes } = message;
  const { split, classId } = store.value;
  const known = splits.find((s) => s.split === split) ?? splits[0];
  store.set({
    split: known?.split ?? split,
    classId: classId !== null && classId < classes.length ? classId : null,
  });
  setText(title, message.title);
  setText(folder, message.folder);
  filters.render(splits, classes);
  if (waiting.isConnected)
    root.replaceChildren(
      title,
      folder,
      filters.root,
      filters.note,
      walk.root,
      problem,
      nothing,
      viewer.root,
      el(
        'p',
        { class: 'hint' },
        t(
          'n and p or Page Down and Page Up go through the samples. Wheel zooms, dragging moves, double-click shows everything. With a picture focused: arrows inspect pixels, + and − zoom, 0 resets.',
        ),
      ),
    );
  find();
}

listenTo(
  toBrowserSchema,
  (message) => {
    switch (message.kind) {
      case 'about':
        store.set({ dataset: message.dataset });
        break;
      case 'opened':
        asked = undefined;
        problem.hidden = true;
        begin(message);
        break;
      case 'found': {
        if (message.request !== request) break;
        filters.tellKnown(message.known, message.of);
        const index = walk.show(new Int32Array(message.indices), store.value.index);
        nothing.hidden = index !== undefined;
        if (index === undefined) {
          wanted = undefined;
          viewer.clear();
          break;
        }
        store.set({ index });
        load(index);
        break;
      }
      case 'sample':
        try {
          show(message);
        } catch (error) {
          fail(error instanceof Error ? error.message : String(error));
        }
        break;
      case 'goto':
        store.set({ split: message.split, name: message.name, classId: null, problems: false, index: 0 });
        if (opened) begin(opened);
        break;
      case 'checked':
        find();
        break;
      case 'problem':
        fail(message.message);
        break;
      default:
        message satisfies never;
    }
  },
  fail,
);

document.addEventListener('keydown', (event) => {
  const inField = event.target instanceof HTMLInputElement && event.target.type !== 'range';
  if (inField || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { n: 1, PageDown: 1, p: -1, PageUp: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  walk.step(by);
});
post({ kind: 'ready' });
