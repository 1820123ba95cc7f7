import type { ToWebview } from '../../src/protocol/panel';
import type { RunSummary } from '../../src/protocol/run';
import type { RunModel } from '../model/run-model';

export type Snapshot = Extract<ToWebview, { kind: 'snapshot' }>;

/** What every part of a panel is given when something changed. */
export interface Scene {
  run: RunSummary;
  model: RunModel;
  classes: Snapshot['classes'];
  deviations: readonly string[];
  configText: string;
}

/** A part of a panel. `render` is called often and changes only what differs. */
export interface View {
  readonly root: HTMLElement;
  render(scene: Scene): void;
}
