import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RandomStream } from '../engine/random';
import type { Config } from '../protocol/config';
import { DistillError } from '../protocol/errors';
import type { WorkerCommand } from '../protocol/worker';
import { listCheckpoints } from '../run/checkpoints';
import { writeWhole } from '../run/files';
import { readManifest } from '../run/manifest';
import { runFiles } from '../run/run-folder';
import { RunReader } from '../run/run-reader';
import { type Cell, configTextOf, fingerprint, type StudyPlan, studyFolder } from '../run/study/plan';
import { StudyRecords } from '../run/study/records';
import { studyHtml } from '../run/study/report-html';
import { studyMarkdown } from '../run/study/report-markdown';
import { studyReport } from '../run/study/results';
import { points } from '../run/study/words';
import { isTrained } from '../run/summary';
import { table } from './format';
import { ProgressText } from './progress';
import { TrainingProcess } from './training-process';

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
/** How often a run that another process trains is looked at. */
const WATCH_MS = 1000;

/** Goes through the cells of a study. */
export class StudyConductor {
  readonly #plan: StudyPlan;
  readonly #workspace: string;
  readonly #engine: Config['engine'] | undefined;
  readonly #folder: string;
  readonly #records: StudyRecords;
  #training: TrainingProcess | undefined;
  #stopping = false;

  constructor(plan: StudyPlan, workspace: string, engine: Config['engine'] | undefined) {
    this.#plan = plan;
    this.#workspace = workspace;
    this.#engine = engine;
    this.#folder = studyFolder(workspace, plan);
    this.#records = StudyRecords.open(this.#folder, workspace);
  }

  /** @returns the exit status: 0 all is trained, 1 something failed, 130 stopped */
  async train(wanted: ReadonlySet<string>): Promise<number> {
    const onSignal = () => this.#stop();
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    const failed: string[] = [];
    try {
      const cells = this.#plan.cells.filter(({ arm }) => wanted.has(arm.name));
      for (const [i, cell] of cells.entries()) {
        if (this.#stopping) return INTERRUPTED;
        const title = `[${i + 1}/${cells.length}] ${cell.arm.name}, seed ${cell.seed}`;
        try {
          if (!(await this.#trainCell(cell, title))) continue;
          if (!this.#isFinished(cell) && !this.#stopping) failed.push(cell.key);
        } catch (error) {
          failed.push(cell.key);
          console.error(`${title}: ${error instanceof Error ? error.message : error}`);
        }
        await this.#writeReports();
      }
    } finally {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    }
    if (this.#stopping) return INTERRUPTED;
    await this.report();
    if (failed.length > 0) console.error(`Not finished: ${failed.join(', ')}.`);
    return failed.length > 0 ? 1 : 0;
  }

  async report(): Promise<number> {
    const report = await this.#writeReports();
    const rows = report.arms.map(({ name, mean, sd, runs, difference }) => [
      name,
      `${runs.filter(({ status }) => status === 'finished').length}/${runs.length}`,
      mean === undefined ? '-' : points(mean),
      sd === undefined ? '-' : points(sd),
      difference ? points(difference.mean, true) : '-',
    ]);
    console.log(table(['arm', 'runs', 'mIoU', 'sd', `vs ${report.reference}`], rows));
    console.log(`\n${join(this.#folder, 'report.html')}`);
    return 0;
  }

  async overview(): Promise<string> {
    const rows: string[][] = [];
    for (const cell of this.#plan.cells) {
      const folder = this.#runOf(cell);
      const summary = folder && (await RunReader.open(folder)).summary();
      const state = summary
        ? summary.status
        : this.#records.has(cell.key)
          ? 'changed since'
          : 'to be trained';
      rows.push([cell.arm.name, String(cell.seed), state, summary ? summary.id : '-']);
    }
    return table(['arm', 'seed', 'state', 'run'], rows);
  }

  /** @returns false if there was nothing to do */
  async #trainCell(cell: Cell, title: string): Promise<boolean> {
    const known = this.#runOf(cell);
    if (known) await this.#watch(known, title);
    if (this.#isFinished(cell)) {
      console.log(`${title}: finished before.`);
      return false;
    }
    const configText = this.#configText(cell);
    if (!known && this.#records.has(cell.key))
      console.log(
        `${title}: its configuration or its teacher changed, so it is trained anew; the old run stays.`,
      );
    console.log(`${title}: ${known ? 'goes on' : 'begins'}.`);
    const progress = new ProgressText(process.stdout, this.#plan.configs.get(cell.arm.name)!.training.batch);
    let reader: RunReader | undefined;
    let reading = Promise.resolve();
    const follow = () => {
      reading = reading.then(async () => {
        for (const event of (await reader?.refresh())?.added ?? []) progress.event(event);
      });
    };
    const command: WorkerCommand = known
      ? { kind: 'resume', runFolder: known }
      : {
          kind: 'start',
          configFile: this.#plan.file,
          configText,
          workspace: this.#workspace,
          engine: this.#engine,
        };
    this.#training = new TrainingProcess(command, {
      onCreated: ({ id, folder }) => {
        if (!known) this.#records.set(cell.key, id, fingerprint(configText));
        reading = reading.then(async () => {
          reader = await RunReader.open(folder);
        });
      },
      onProgress: follow,
    });
    if (this.#stopping) this.#training.stop();
    const { error } = await this.#training.ended;
    this.#training = undefined;
    follow();
    await reading;
    progress.close();
    if (error) throw error;
    return true;
  }

  /** A run that lives on from an earlier start of the study is waited for. */
  async #watch(folder: string, title: string): Promise<void> {
    if (!isTrained(folder)) return;
    console.log(`${title}: another process is training it; waiting for its end.`);
    while (isTrained(folder) && !this.#stopping) await pause(WATCH_MS);
  }

  #configText(cell: Cell): string {
    const { teacher } = cell.arm;
    if (teacher === undefined) return configTextOf(this.#plan, cell);
    const source = this.#plan.cells.find(({ arm, seed }) => arm.name === teacher && seed === cell.seed)!;
    const folder = this.#runOf(source);
    const last = folder ? listCheckpoints(folder).find(({ stage }) => stage === 'student') : undefined;
    const iterations = this.#plan.configs.get(teacher)!.training.iterations;
    if (!folder || last?.step !== iterations)
      throw new DistillError(
        'checkpoint-missing',
        `Its teacher, the student of "${teacher}", is not trained.`,
        {
          remedy: 'Run the study again once that arm is finished.',
        },
      );
    return configTextOf(
      this.#plan,
      cell,
      join(folder, runFiles.checkpoints, last.name, 'student.safetensors'),
    );
  }

  /** The run of a cell with the configuration as it is now. */
  #runOf(cell: Cell): string | undefined {
    try {
      return this.#records.find(cell.key, fingerprint(this.#configText(cell)));
    } catch (error) {
      if (error instanceof DistillError && error.code === 'checkpoint-missing') return undefined;
      throw error;
    }
  }

  #isFinished(cell: Cell): boolean {
    const folder = this.#runOf(cell);
    return folder !== undefined && readManifest(folder).status === 'finished';
  }

  async #writeReports() {
    const folders = new Map<string, string>();
    for (const cell of this.#plan.cells) {
      const folder = this.#runOf(cell);
      if (folder) folders.set(cell.key, folder);
    }
    const random = RandomStream.seeded(1, 'study/bootstrap');
    const report = await studyReport(this.#plan, folders, () => random.uniform());
    writeWhole(join(this.#folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    writeWhole(join(this.#folder, 'report.md'), studyMarkdown(report));
    writeWhole(join(this.#folder, 'report.html'), studyHtml(report));
    return report;
  }

  #stop(): void {
    if (this.#stopping) {
      this.#training?.kill();
      process.exit(INTERRUPTED);
    }
    this.#stopping = true;
    console.error('Stopping after this step, with a checkpoint. Ctrl-C again ends at once.');
    this.#training?.stop();
  }
}
