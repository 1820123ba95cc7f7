import { commands, type Disposable, l10n, window } from 'vscode';
import type { App } from '../app';
import {
  addDataset,
  browseSamples,
  checkDataset,
  openDatasetProblem,
  removeDataset,
} from '../datasets/commands';
import { removeEngine, setUpEngine } from '../engine/set-up';
import { logError, messageOf } from '../log';
import { compareRuns } from './compare-runs';
import { copyCommandLine, duplicateRun } from './duplicate-run';
import { exportStudent } from './export-student';
import { importWeights } from './import-weights';
import { newConfiguration } from './new-configuration';
import {
  continueQueue,
  holdQueue,
  moveDown,
  moveUp,
  openQueued,
  queueRun,
  removeQueued,
  retryQueued,
} from './queue-actions';
import { openReport } from './report';
import {
  continueRun,
  deleteRun,
  openRun,
  openRunConfiguration,
  pauseRun,
  resumeRun,
  revealRun,
  stopRun,
} from './run-actions';
import { archiveRun, editNotes, renameRun, starRun, unarchiveRun, unstarRun } from './run-notes';
import { startRun } from './start';
import { exportTensorboard } from './tensorboard';
import { validate } from './validate';

/** Every command of the manifest and what it does; scripts/check-commands.mjs compares the two. */
export function commandTable(app: App): Record<string, (argument: unknown, selected?: unknown) => unknown> {
  return {
    'distillation.startRun': (argument) => startRun(app, undefined, argument),
    'distillation.startLadRun': (argument) => startRun(app, 'lad', argument),
    'distillation.startRddRun': (argument) => startRun(app, 'rdd', argument),
    'distillation.stopRun': (argument) => stopRun(app, argument),
    'distillation.pauseRun': (argument) => pauseRun(app, argument),
    'distillation.continueRun': (argument) => continueRun(app, argument),
    'distillation.resumeRun': (argument) => resumeRun(app, argument),
    'distillation.openRun': (argument) => openRun(app, argument),
    'distillation.openReport': (argument) => openReport(app, argument),
    'distillation.openRunConfiguration': (argument) => openRunConfiguration(app, argument),
    'distillation.exportStudent': (argument) => exportStudent(app, argument),
    'distillation.importWeights': () => importWeights(app),
    'distillation.revealRun': (argument) => revealRun(app, argument),
    'distillation.compareRuns': (argument, selected) => compareRuns(app, argument, selected),
    'distillation.openAllRuns': () => app.allRuns.open(),
    'distillation.exportTensorboard': (argument) => exportTensorboard(app, argument),
    'distillation.duplicateRun': (argument) => duplicateRun(app, argument),
    'distillation.copyCommandLine': (argument) => copyCommandLine(app, argument),
    'distillation.renameRun': (argument) => renameRun(app, argument),
    'distillation.starRun': (argument, selected) => starRun(app, argument, selected),
    'distillation.unstarRun': (argument, selected) => unstarRun(app, argument, selected),
    'distillation.archiveRun': (argument, selected) => archiveRun(app, argument, selected),
    'distillation.unarchiveRun': (argument, selected) => unarchiveRun(app, argument, selected),
    'distillation.editNotes': (argument) => editNotes(app, argument),
    'distillation.deleteRun': (argument, selected) => deleteRun(app, argument, selected),
    'distillation.queueRun': (argument) => queueRun(app, argument),
    'distillation.holdQueue': (argument) => holdQueue(app, argument),
    'distillation.continueQueue': (argument) => continueQueue(app, argument),
    'distillation.moveQueuedUp': (argument) => moveUp(app, argument),
    'distillation.moveQueuedDown': (argument) => moveDown(app, argument),
    'distillation.removeQueued': (argument) => removeQueued(app, argument),
    'distillation.retryQueued': (argument) => retryQueued(app, argument),
    'distillation.openQueued': (argument) => openQueued(app, argument),
    'distillation.validate': (argument) => validate(app, argument),
    'distillation.newConfiguration': () => newConfiguration(app),
    'distillation.checkDataset': (argument) => checkDataset(app, false, argument),
    'distillation.checkDatasetFully': (argument) => checkDataset(app, true, argument),
    'distillation.browseSamples': (argument) => browseSamples(app, argument),
    'distillation.addDataset': (argument) => addDataset(app, argument),
    'distillation.removeDataset': (argument) => removeDataset(app, argument),
    'distillation.openDatasetProblem': (argument) => openDatasetProblem(argument),
    'distillation.setUpEngine': () => setUpEngine(app),
    'distillation.checkEngines': () => app.engines.check(true),
    'distillation.removeEngine': () => removeEngine(app),
    'distillation.showLog': () => app.log.show(),
  };
}

/** Registers the table; a command that fails says so once and leaves the details in the log. */
export function registerCommands(app: App): Disposable[] {
  return Object.entries(commandTable(app)).map(([id, run]) =>
    commands.registerCommand(id, async (argument: unknown, selected: unknown) => {
      try {
        await run(argument, selected);
      } catch (error) {
        logError(app.log, error);
        const showLog = l10n.t('Show Log');
        // Not awaited: a command is done when it failed, not when its message was read.
        void window.showErrorMessage(messageOf(error), showLog).then((choice) => {
          if (choice === showLog) app.log.show();
        });
      }
    }),
  );
}
