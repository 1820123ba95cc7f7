import type { FromComparePanel } from '../../../../src/protocol/compare-panel';
import type { FromBrowser } from '../../../../src/protocol/dataset-browser';
import type { FromWebview } from '../../../../src/protocol/panel';
import type { FromRunsPanel } from '../../../../src/protocol/runs-panel';
import { browserAnswers } from './browsed';
import { comparedRuns } from './compared';
import { sampleLayers } from './pictures';
import { tableRows } from './rows';
import { type RunShape, snapshotOf } from './runs';

/**
 * The extension's side of the conversation, in the page around the webview's frame, as VS Code has it: answers `ready`
 * and `requestSample` from made-up runs and keeps everything the webview said.
 */
export interface HarnessOptions extends Partial<RunShape> {
  /** No run at all: the Live view's quiet state. */
  empty?: boolean;
  size?: [number, number];
  /** Runs in the table of all runs. */
  runs?: number;
  /** Runs in the panel that compares; the last two differ in their seeds alone. */
  compared?: number;
  /** Training samples in the sample browser. */
  samples?: number;
}
declare global {
  interface Window {
    harness: {
      options: HarnessOptions;
      posted: (FromWebview | FromRunsPanel | FromComparePanel | FromBrowser)[];
      state: unknown;
      violations: string[];
      send(message: unknown): void;
    };
  }
}

const options: HarnessOptions = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{}');
const shape: RunShape = { method: 'rdd', iterations: 400, done: 0.6, status: 'running', ...options };
const frame = document.createElement('iframe');

window.harness = {
  options,
  posted: [],
  state: undefined,
  violations: [],
  send: (message) => frame.contentWindow!.postMessage(message, '*'),
};

window.addEventListener(
  'message',
  (event: MessageEvent<FromWebview | FromRunsPanel | FromComparePanel | FromBrowser>) => {
    const message = event.data;
    window.harness.posted.push(message);
    if (options.samples !== undefined) {
      for (const answer of browserAnswers(message as FromBrowser, options.samples))
        window.harness.send(answer);
      return;
    }
    if (message.kind === 'ready' && options.runs !== undefined)
      window.harness.send({ kind: 'runs', rows: tableRows(options.runs) });
    else if (message.kind === 'ready' && options.compared !== undefined)
      window.harness.send({ kind: 'runs', runs: comparedRuns(options.compared) });
    else if (message.kind === 'ready')
      window.harness.send(
        options.empty
          ? { kind: 'snapshot', run: null, classes: [], deviations: [], configText: '', events: [] }
          : snapshotOf(shape),
      );
    if (message.kind === 'requestSample') {
      const { key } = message;
      window.harness.send({
        kind: 'sample',
        ...('folder' in message ? { folder: message.folder } : {}),
        key,
        layers: sampleLayers(shape.method, key, shape.iterations, options.size ?? [96, 96]),
      });
    }
  },
);
frame.src = `/webview${location.search}`;
frame.style.cssText = 'border:0;width:100vw;height:100vh;display:block';
document.body.append(frame);
