import type { LogOutputChannel, Uri } from 'vscode';
import type { ConfigurationDiagnostics } from './config/diagnostics';
import type { Datasets } from './datasets/datasets';
import type { SamplePanels } from './datasets/sample-panels';
import type { Engines } from './engine/engines';
import type { AllRunsPanel } from './panels/all-runs-panel';
import type { ComparePanels } from './panels/compare-panels';
import type { RunPanels } from './panels/run-panels';
import type { Queues } from './runs/queues';
import type { Stopping } from './runs/stopping';
import type { RunStore } from './runs/store';
import type { Trainings } from './runs/trainings';

/** What commands work with. */
export interface App {
  readonly extension: Uri;
  readonly log: LogOutputChannel;
  readonly store: RunStore;
  readonly trainings: Trainings;
  readonly stopping: Stopping;
  readonly queues: Queues;
  readonly panels: RunPanels;
  readonly allRuns: AllRunsPanel;
  readonly comparisons: ComparePanels;
  readonly datasets: Datasets;
  readonly samples: SamplePanels;
  readonly engines: Engines;
  readonly diagnostics: ConfigurationDiagnostics;
}
