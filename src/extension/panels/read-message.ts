import type { LogOutputChannel } from 'vscode';
import type { z } from 'zod';

/** What a page said, if it is what that page may say; else the log tells of it and nothing comes of it. */
export function readMessage<S extends z.ZodType>(
  schema: S,
  value: unknown,
  log: LogOutputChannel,
): z.output<S> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  log.warn(`webview: message not understood: ${parsed.error.message}`);
  return undefined;
}
