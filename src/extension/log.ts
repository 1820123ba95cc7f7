import { type LogOutputChannel, window } from 'vscode';
import { DistillError } from '../protocol/errors';

/** What went wrong, for people: our own errors are complete sentences, others show their message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The output channel; its level is VS Code's own business ("Developer: Set Log Level"). */
export function createLog(): LogOutputChannel {
  return window.createOutputChannel('Distillation', { log: true });
}

/** Our own errors explain themselves; of anything else the stack is wanted. */
export function logError(log: LogOutputChannel, error: unknown): void {
  if (error instanceof DistillError) log.error(`[${error.code}] ${error.message}`);
  else log.error(error instanceof Error ? error : String(error));
}
