import {
  ProcessExecution,
  Task,
  type TaskDefinition,
  type TaskProvider,
  TaskScope,
  tasks,
  Uri,
  type WorkspaceFolder,
  workspace,
} from 'vscode';
import { findConfigurations } from './config/find';
import { DisposableOwner } from './lifecycle';

const type = 'distill';

/** `tasks.json`: `{ "type": "distill", "config": "lad.distill.json" }`. */
interface DistillTask extends TaskDefinition {
  config: string;
  engine?: string;
}

/**
 * Trains configurations as tasks, by the command line: their runs appear in the Runs view like all others, and Ctrl-C in
 * the terminal stops them in good order.
 */
export class DistillTasks extends DisposableOwner implements TaskProvider {
  readonly #cli: string;

  constructor(extension: Uri) {
    super();
    this.#cli = Uri.joinPath(extension, 'dist', 'cli.js').fsPath;
    this.own(tasks.registerTaskProvider(type, this));
  }

  async provideTasks(): Promise<Task[]> {
    const found = await findConfigurations();
    return found.flatMap((uri) => {
      const folder = workspace.getWorkspaceFolder(uri);
      if (!folder) return [];
      const config = workspace.asRelativePath(uri, false);
      return [this.#task({ type, config }, folder)];
    });
  }

  resolveTask(task: Task): Task | undefined {
    const { config } = task.definition as DistillTask;
    const folder = typeof task.scope === 'object' ? task.scope : workspace.workspaceFolders?.[0];
    if (typeof config !== 'string' || !folder) return undefined;
    return this.#task(task.definition as DistillTask, folder);
  }

  #task(definition: DistillTask, folder: WorkspaceFolder): Task {
    const home = folder.uri.fsPath;
    const engine = typeof definition.engine === 'string' ? ['--engine', definition.engine] : [];
    const task = new Task(
      definition,
      folder ?? TaskScope.Workspace,
      `train ${definition.config}`,
      type,
      new ProcessExecution(
        process.execPath,
        [this.#cli, 'train', definition.config, ...engine, '--workspace', home],
        // In the desktop window this process is Electron.
        { cwd: home, env: { ELECTRON_RUN_AS_NODE: '1' } },
      ),
      '$distill',
    );
    task.detail = 'distill train';
    return task;
  }
}
