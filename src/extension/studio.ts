import { commands, type ExtensionContext, Uri } from 'vscode';
import type { RunsPanelCommand } from '../protocol/runs-panel';
import { SummaryCache } from '../run/summary-cache';
import type { App } from './app';
import { commandTable, registerCommands } from './commands/table';
import { ConfigurationHelp } from './config/configuration-help';
import { ConfigurationDiagnostics } from './config/diagnostics';
import { ContextKeys } from './context-keys';
import { DatasetTree } from './datasets/dataset-tree';
import { Datasets } from './datasets/datasets';
import { SamplePanels } from './datasets/sample-panels';
import { EngineTree } from './engine/engine-tree';
import { Engines } from './engine/engines';
import { createLog } from './log';
import { AllRunsPanel } from './panels/all-runs-panel';
import { ComparePanels } from './panels/compare-panels';
import type { PanelCommand } from './panels/panel-session';
import { RunPanels } from './panels/run-panels';
import { Queues } from './runs/queues';
import { Stopping } from './runs/stopping';
import { RunStore } from './runs/store';
import { Trainings } from './runs/trainings';
import { DistillTasks } from './tasks';
import { LiveView } from './views/live-view';
import { Notifications } from './views/notifications';
import { RunsTree } from './views/runs-tree';
import { StatusBar } from './views/status-bar';

/** For other extensions and for tests: the state behind the views. */
export interface DistillationApi {
  readonly store: Pick<RunStore, 'runs' | 'summaries' | 'current' | 'onDidChange' | 'scan'>;
  readonly engines: Pick<Engines, 'knowledge' | 'busy' | 'check' | 'onDidChange'>;
  readonly datasets: Pick<Datasets, 'all' | 'scan' | 'check' | 'add' | 'remove' | 'onDidChange'>;
  /** Ids of the commands that were registered. */
  readonly commands: readonly string[];
}

const panelCommands: Record<PanelCommand, string> = {
  stop: 'distillation.stopRun',
  pause: 'distillation.pauseRun',
  continue: 'distillation.continueRun',
  resume: 'distillation.resumeRun',
  openConfig: 'distillation.openRunConfiguration',
  reveal: 'distillation.revealRun',
  browse: 'distillation.browseSamples',
  openRun: 'distillation.openRun',
};

const runsPanelCommands: Record<RunsPanelCommand, string> = {
  open: 'distillation.openRun',
  compare: 'distillation.compareRuns',
  star: 'distillation.starRun',
  unstar: 'distillation.unstarRun',
  archive: 'distillation.archiveRun',
  unarchive: 'distillation.unarchiveRun',
  rename: 'distillation.renameRun',
  notes: 'distillation.editNotes',
  delete: 'distillation.deleteRun',
};

export function activate(context: ExtensionContext): DistillationApi {
  const own = <T extends { dispose(): void }>(disposable: T): T => {
    context.subscriptions.push(disposable);
    return disposable;
  };
  const extension = context.extensionUri;
  const log = own(createLog());
  const store = own(new RunStore(log, summaryCache(context)));
  const trainings = own(
    new Trainings({
      store,
      log,
      script: Uri.joinPath(extension, 'dist', 'worker.js').fsPath,
      logFolder: context.logUri.fsPath,
    }),
  );
  const stopping = own(new Stopping(store, trainings));
  const queues = own(new Queues({ store, trainings, log }));
  const onCommand = (command: PanelCommand, folder: string) =>
    void commands.executeCommand(panelCommands[command], folder);
  const panels = own(new RunPanels({ extension, store, log, onCommand }));
  const allRuns = own(
    new AllRunsPanel({
      extension,
      store,
      log,
      onCommand: (command, folders) =>
        void commands.executeCommand(runsPanelCommands[command], folders[0], folders),
    }),
  );
  const comparisons = own(
    new ComparePanels({ extension, store, log, onOpen: (folder) => panels.open(folder) }),
  );
  own(new LiveView({ extension, store, log, onCommand }));
  own(new RunsTree(store, queues));
  own(new DistillTasks(extension));
  const cli = Uri.joinPath(extension, 'dist', 'cli.js').fsPath;
  const datasets = own(new Datasets({ script: cli, log, memory: context.workspaceState }));
  const samples = own(new SamplePanels({ extension, datasets, log }));
  own(new DatasetTree(datasets));
  const engines = own(new Engines({ script: cli, log }));
  own(new EngineTree(engines));
  const diagnostics = own(new ConfigurationDiagnostics());
  const app: App = {
    extension,
    log,
    store,
    trainings,
    stopping,
    queues,
    panels,
    allRuns,
    comparisons,
    datasets,
    samples,
    engines,
    diagnostics,
  };
  registerCommands(app).forEach(own);
  // Nothing of a window waits for these, and all of it for this function.
  const later = setImmediate(() => {
    own(new StatusBar(store));
    own(new Notifications(store, trainings));
    own(new ConfigurationHelp(extension, store, diagnostics));
    own(new ContextKeys(store, queues));
  });
  own({ dispose: () => clearImmediate(later) });
  return { store, engines, datasets, commands: Object.keys(commandTable(app)) };
}

/** In VS Code's own storage for this workspace; a window without a folder has none, and no runs. */
function summaryCache({ storageUri, extension }: ExtensionContext): SummaryCache | undefined {
  return (
    storageUri &&
    new SummaryCache(Uri.joinPath(storageUri, 'runs.json').fsPath, extension.packageJSON.version)
  );
}
