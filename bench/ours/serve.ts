import { createInterface } from 'node:readline';
import type { Request } from '../protocol';

/** Answers every line of JSON on the standard input with one on the standard output, one at a time; a failure as `error`. */
export async function serve(answer: (request: Request) => Promise<object>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line) as Request).catch((error: unknown) => ({
      error: error instanceof Error ? error.message : String(error),
    }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
