import { workspace } from 'vscode';
import { configFields } from '../protocol/config';
import type { WorkerCommand } from '../protocol/worker';

export type EngineOverride = Extract<WorkerCommand, { kind: 'start' }>['engine'];

/** Made when it is asked for: a window that opens needs no schema of configurations. */
const engines = () => configFields.shape.engine.unwrap();

/** The only reader of `distillation.*`; the manifest declares what may stand there. */
export const settings = {
  /** Undefined: the configuration decides. */
  get engine(): EngineOverride {
    const value = workspace.getConfiguration('distillation').get<string>('engine');
    return engines().safeParse(value).data;
  },
  /** Undefined: the Node.js that VS Code brings. */
  get nodePath(): string | undefined {
    return workspace.getConfiguration('distillation').get<string>('nodePath')?.trim() || undefined;
  },
  get openPanelOnStart(): boolean {
    return workspace.getConfiguration('distillation').get<boolean>('openPanelOnStart') ?? true;
  },
  /** Colours of classes in pictures. */
  get classColors(): 'dataset' | 'distinct' {
    const value = workspace.getConfiguration('distillation').get<string>('classColors');
    return value === 'distinct' ? 'distinct' : 'dataset';
  },
};
