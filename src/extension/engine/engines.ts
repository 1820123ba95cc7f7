import { EventEmitter, type LogOutputChannel, workspace } from 'vscode';
import {
  type DoctorReport,
  doctorReportSchema,
  type SetUpChoice,
  setUpChoiceSchema,
} from '../../protocol/doctor';
import { DisposableOwner } from '../lifecycle';
import { logError, messageOf } from '../log';
import { settings } from '../settings';
import { requireTrust } from '../trust';
import { type DoctorOptions, runDoctor } from './doctor-process';

/** What is known about engines: nothing yet, what was found out, or why that could not be found out. */
export type EngineKnowledge =
  | { kind: 'unknown' }
  | { kind: 'known'; report: DoctorReport }
  | { kind: 'failed'; problem: string };

type Watching = Pick<DoctorOptions, 'token' | 'onProgress'>;

/** The engines of this machine, as `distill doctor` finds them; asked when someone looks. */
export class Engines extends DisposableOwner {
  readonly #script: string;
  readonly #log: LogOutputChannel;
  readonly #changed = this.own(new EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #knowledge: EngineKnowledge = { kind: 'unknown' };
  /** Work in progress: one child process at a time, since the speeds would disturb each other. */
  #work: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: { script: string; log: LogOutputChannel }) {
    super();
    this.#script = options.script;
    this.#log = options.log;
  }

  get knowledge(): EngineKnowledge {
    return this.#knowledge;
  }

  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Finds out what can compute. Never rejects: what failed is the knowledge.
   * @param fresh everything anew; else what has not changed since is taken from the cache
   */
  async check(fresh = false): Promise<EngineKnowledge> {
    try {
      await this.#examine(fresh ? ['--fresh'] : []);
    } catch (error) {
      logError(this.#log, error);
      this.#set({ kind: 'failed', problem: messageOf(error) });
    }
    return this.#knowledge;
  }

  /** The ways to set engines up here. */
  async choices(python: string | undefined): Promise<SetUpChoice[]> {
    const args = ['--sources', ...(python === undefined ? [] : ['--python', python])];
    return setUpChoiceSchema.array().parse(await this.#run(args));
  }

  /**
   * Sets an engine up and finds out what came of it. Rejects as `runDoctor` does.
   * @param args what follows `--install`
   */
  async setUp(args: string[], watching: Watching): Promise<DoctorReport> {
    return await this.#examine(['--install', ...args], watching);
  }

  async remove(engine: SetUpChoice['engine'], watching: Watching): Promise<DoctorReport> {
    return await this.#examine(['--uninstall', engine], watching);
  }

  async #examine(args: string[], watching: Watching = {}): Promise<DoctorReport> {
    const report = doctorReportSchema.parse(await this.#run(args, watching));
    this.#set({ kind: 'known', report });
    return report;
  }

  async #run(args: string[], watching: Watching = {}): Promise<unknown> {
    requireTrust();
    this.#waiting++;
    this.#changed.fire();
    const before = this.#work;
    const run = (async () => {
      await before.catch(() => undefined);
      return await runDoctor(args, {
        script: this.#script,
        nodePath: settings.nodePath,
        workspace: workspace.workspaceFolders?.[0]?.uri.fsPath,
        log: this.#log,
        ...watching,
      });
    })();
    this.#work = run;
    try {
      return await run;
    } finally {
      this.#waiting--;
      if (!this.disposed) this.#changed.fire();
    }
  }

  #set(knowledge: EngineKnowledge): void {
    this.#knowledge = knowledge;
    if (!this.disposed) this.#changed.fire();
  }
}
