/**
 * Writes a run without end until it is killed: a journal line for every step, a checkpoint every third step. Says `go`
 * once the lock is taken.
 */
import { writeCheckpoint } from '../../../src/run/checkpoints';
import { JournalWriter } from '../../../src/run/journal';
import { RunLockHolder } from '../../../src/run/lock';
import { step } from './fixtures';

const folder = process.argv[2]!;
RunLockHolder.acquire(folder);
const journal = new JournalWriter(folder);
process.send?.('go');
for (let n = 1; ; n++) {
  journal.append(step(n));
  if (n % 3 === 0)
    writeCheckpoint(folder, {
      stage: 'student',
      step: n,
      files: {
        'state.json': Buffer.from(JSON.stringify({ n })),
        ...Object.fromEntries(
          Array.from({ length: 10 }, (_, i) => [`${i}.safetensors`, new Uint8Array(300_000).fill(n % 251)]),
        ),
      },
    });
}
