import { mock } from 'node:test';
import { distill } from '../../../src/cli/distill';

/** What a command line prints and returns. */
export async function said(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const lines = { log: '', error: '' };
  const mocks = (['log', 'error'] as const).map((name) =>
    mock.method(console, name, (text: unknown) => {
      lines[name] += `${text}\n`;
    }),
  );
  try {
    return { status: await distill(args), out: lines.log, err: lines.error };
  } finally {
    for (const m of mocks) m.mock.restore();
  }
}
