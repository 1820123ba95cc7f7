import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type CancellationToken,
  EventEmitter,
  type LogOutputChannel,
  l10n,
  type Memento,
  workspace,
} from 'vscode';
import { z } from 'zod';
import { datasetSchema } from '../../protocol/config-dataset';
import { type CheckProgress, type DatasetReport, datasetReportSchema } from '../../protocol/dataset-report';
import { datasetFacts, recogniseDataset } from '../../protocol/datasets';
import { readDatasetReport } from '../../run/dataset-reports';
import { CliEnded, runCliJson } from '../cli-process';
import { configurationGlob } from '../config/find';
import { DisposableOwner } from '../lifecycle';
import { logError, messageOf } from '../log';
import { requireTrust } from '../trust';
import { configuredDatasets, datasetKey, type FoundDataset } from './find-datasets';

/** A dataset with what is known of it. */
export interface KnownDataset extends FoundDataset {
  key: string;
  title: string;
  /** Of the last check, whoever made it. */
  report: DatasetReport | undefined;
  /** While it is checked. */
  checking: CheckProgress | undefined;
  /** Why the last check gave no report. */
  failure: string | undefined;
}

const RESCAN_MS = 300;
const ADDED = 'datasets.added';
/** Made when it is needed, which it is where somebody added a folder. */
const addedSchema = () =>
  z
    .array(
      z.object({
        kind: datasetSchema.shape.kind,
        convention: datasetSchema.shape.convention,
        root: z.string(),
      }),
    )
    .catch([]);

/** The datasets of this workspace: those its configurations name, and folders that were added. */
export class Datasets extends DisposableOwner {
  readonly #script: string;
  readonly #log: LogOutputChannel;
  readonly #memory: Memento;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  readonly #checked = this.own(new EventEmitter<string>());
  /** Fires with the key of a dataset that was checked. */
  readonly onDidCheck = this.#checked.event;
  #all: KnownDataset[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Scans go one after the other. */
  #scanning: Promise<void> = Promise.resolve();
  /** The datasets were looked for at least once. */
  scanned = false;

  constructor(options: { script: string; log: LogOutputChannel; memory: Memento }) {
    super();
    this.#script = options.script;
    this.#log = options.log;
    this.#memory = options.memory;
    const soon = () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.scan();
      }, RESCAN_MS);
    };
    const watcher = this.own(workspace.createFileSystemWatcher(configurationGlob));
    for (const happens of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
      this.own(happens(soon));
    this.own(workspace.onDidChangeWorkspaceFolders(soon));
    this.own({ dispose: () => clearTimeout(this.#timer) });
    void this.scan();
  }

  get all(): readonly KnownDataset[] {
    return this.#all;
  }

  get script(): string {
    return this.#script;
  }

  get(key: string): KnownDataset | undefined {
    return this.#all.find((dataset) => dataset.key === key);
  }

  /** Looks for datasets anew. Never rejects. */
  scan(): Promise<void> {
    this.#scanning = this.#scanning.then(async () => {
      try {
        await this.#scan();
      } catch (error) {
        logError(this.#log, error);
      }
    });
    return this.#scanning;
  }

  async #scan(): Promise<void> {
    const found = await configuredDatasets();
    for (const one of this.#added()) {
      const known = found.find((f) => datasetKey(f) === datasetKey(one));
      if (known) known.added = true;
      else found.push({ ...one, configurations: [], added: true });
    }
    this.#all = found.map((dataset) => {
      const key = datasetKey(dataset);
      const before = this.get(key);
      return {
        ...dataset,
        key,
        title: titleOf(dataset),
        report: readDatasetReport(dataset),
        checking: before?.checking,
        failure: before?.failure,
      };
    });
    this.scanned = true;
    this.#fire();
  }

  /** The layout of a folder, if it is one that is known. */
  recognise(root: string): FoundDataset['kind'] | undefined {
    return recogniseDataset((path) => existsSync(join(root, path)));
  }

  /** Remembers a folder for this workspace. @returns its key */
  async add(dataset: Pick<FoundDataset, 'kind' | 'convention' | 'root'>): Promise<string> {
    const key = datasetKey(dataset);
    const { kind, convention, root } = dataset;
    const others = this.#added().filter((one) => datasetKey(one) !== key);
    await this.#memory.update(ADDED, [...others, { kind, convention, root }]);
    await this.scan();
    return key;
  }

  /** Forgets a folder that was added; nothing on the disk changes. */
  async remove(key: string): Promise<void> {
    await this.#memory.update(
      ADDED,
      this.#added().filter((one) => datasetKey(one) !== key),
    );
    await this.scan();
  }

  #added() {
    const remembered = this.#memory.get(ADDED);
    return remembered === undefined ? [] : addedSchema().parse(remembered);
  }

  /**
   * Checks a dataset in a process of its own.
   * @returns the report; undefined if the user ended it. Errors: what the check said.
   */
  async check(
    key: string,
    full: boolean,
    watching: { token: CancellationToken; onProgress(progress: CheckProgress): void },
  ): Promise<DatasetReport | undefined> {
    const dataset = this.get(key);
    if (!dataset) throw new Error(l10n.t('This dataset is no longer there.'));
    if (dataset.checking) throw new Error(l10n.t('{0} is being checked.', dataset.title));
    this.#update(key, { checking: { text: '', done: 0, total: 0 }, failure: undefined });
    try {
      const { kind, convention, root } = dataset;
      const args = [
        ...['data', 'check', root, '--dataset', kind, '--json'],
        ...(convention ? ['--convention', convention] : []),
        ...(full ? ['--full'] : []),
      ];
      requireTrust();
      const printed = await runCliJson(args, {
        script: this.#script,
        log: this.#log,
        token: watching.token,
        onProgress: ({ text, done = 0, total = 0 }) => {
          const checking = { text, done, total };
          this.#update(key, { checking });
          watching.onProgress(checking);
        },
      });
      const report = datasetReportSchema.parse(printed);
      this.#update(key, { report });
      return report;
    } catch (error) {
      if (error instanceof CliEnded) return undefined;
      this.#update(key, { failure: messageOf(error) });
      throw error;
    } finally {
      this.#update(key, { checking: undefined });
      if (!this.disposed) this.#checked.fire(key);
    }
  }

  #update(key: string, change: Partial<KnownDataset>): void {
    const dataset = this.get(key);
    if (!dataset) return;
    Object.assign(dataset, change);
    this.#fire();
  }

  #fire(): void {
    if (!this.disposed) this.#changed.fire();
  }
}

/** A folder of one's own is known by its name, a released dataset by its own. */
function titleOf({ kind, root, convention }: FoundDataset): string {
  return kind === 'folder' ? basename(root) : datasetFacts({ kind, convention }).title;
}
