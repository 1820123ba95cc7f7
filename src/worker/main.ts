import { DistillError } from '../protocol/errors';
import { type WorkerMessage, workerCommandSchema } from '../protocol/worker';
import { redirectOutput } from './output';
import { type RunRequest, runTraining } from './run';

/**
 * The child process that trains one run. It gets one `start` or `resume`, later perhaps `stop`. When whoever started it
 * goes away it keeps training: the run folder is the truth, messages only make it live.
 */

/** Messages that tell of progress come at most this often. */
const PROGRESS_MS = 100;

let begun = false;
let stop = false;
let lastProgress = 0;

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

function progress(): void {
  const now = Date.now();
  if (now - lastProgress < PROGRESS_MS) return;
  lastProgress = now;
  void send({ kind: 'progress' });
}

async function work(request: RunRequest): Promise<number> {
  try {
    const { status, error } = await runTraining(request, {
      onCreated: ({ id, folder, logFile }) => {
        redirectOutput(logFile);
        void send({ kind: 'created', runFolder: folder, id });
      },
      onEvent: progress,
      stopRequested: () => stop,
    });
    if (error) await tell(error);
    await send({ kind: 'ended', status });
    return status === 'failed' ? 1 : 0;
  } catch (error) {
    await tell(error);
    return 1;
  }
}

async function tell(error: unknown): Promise<void> {
  console.error(error);
  await send({
    kind: 'error',
    code: error instanceof DistillError ? error.code : 'internal',
    message: error instanceof Error ? error.message : String(error),
  });
}

process.on('message', (value) => {
  const parsed = workerCommandSchema.safeParse(value);
  if (!parsed.success) {
    void tell(new Error(`Message not understood: ${parsed.error.message}`));
    return;
  }
  const command = parsed.data;
  if (command.kind === 'stop') {
    stop = true;
    return;
  }
  if (begun) {
    void tell(new Error('A worker trains one run; start another worker for another run.'));
    return;
  }
  begun = true;
  const request: RunRequest = command.kind === 'resume' ? { resume: command.runFolder } : command;
  void work(request).then((code) => process.exit(code));
});
process.on('disconnect', () => {
  if (!begun) process.exit(0);
});
// Ends in good order when the machine shuts down; a closed terminal or window is no reason to end.
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (!begun) process.exit(0);
    stop = true;
  });
process.on('SIGHUP', () => undefined);
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(1);
});

if (!process.send) {
  console.error('This program is started by the extension. On a command line use `distill train`.');
  process.exitCode = 2;
}
