import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CancellationToken, LogOutputChannel } from 'vscode';
import { CliEnded } from '../../../src/extension/cli-process';
import { type DoctorOptions, runDoctor } from '../../../src/extension/engine/doctor-process';
import type { SetUpProgress } from '../../../src/protocol/doctor';

describe('distill doctor as the extension runs it', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'distill-doctor-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const logged: string[] = [];
  const log = { info: (line: string) => logged.push(line) } as unknown as LogOutputChannel;
  let count = 0;
  const run = (code: string, options: Partial<DoctorOptions> = {}, args = ['--sources']) => {
    const script = join(folder, `${++count}.cjs`);
    writeFileSync(script, code);
    return runDoctor(args, { script, nodePath: undefined, workspace: folder, log, ...options });
  };

  it('gives what was printed, and progress as it comes', async () => {
    const seen: SetUpProgress[] = [];
    const result = await run(
      `console.error(JSON.stringify({ text: 'Unpacking', done: 1, total: 2 }));
       console.error('a note');
       console.error('{"other": 1}');
       console.error(JSON.stringify({ text: 'Trying it.' }));
       console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), electron: process.env.ELECTRON_RUN_AS_NODE }, null, 2));`,
      { onProgress: (progress) => seen.push(progress) },
    );
    assert.deepEqual(result, { args: ['doctor', '--sources', '--json'], cwd: folder, electron: '1' });
    assert.deepEqual(seen, [{ text: 'Unpacking', done: 1, total: 2 }, { text: 'Trying it.' }]);
    assert.ok(logged.includes('distill doctor: a note'));
    assert.ok(!logged.some((line) => line.includes('Unpacking')), 'bytes are not logged');
  });

  it('gives a report though the command says that nothing can compute', async () => {
    assert.deepEqual(await run('console.log("[]"); process.exitCode = 1'), []);
  });

  it('fails with what the command said', async () => {
    await assert.rejects(
      run('console.error("No source could provide TensorFlow.\\nGet one."); process.exit(1)'),
      {
        message: 'No source could provide TensorFlow.\nGet one.',
      },
    );
    await assert.rejects(run('process.exit(3)'), { message: 'distill doctor ended with status 3.' });
    await assert.rejects(run('', { nodePath: join(folder, 'no-node') }), { code: 'ENOENT' });
  });

  it('closes the channel when it is cancelled, and waits for the end', async () => {
    let cancel: () => void = () => assert.fail('nobody listened');
    const token = {
      isCancellationRequested: false,
      onCancellationRequested(listener: () => void) {
        cancel = () => {
          token.isCancellationRequested = true;
          listener();
        };
        return { dispose: () => undefined };
      },
    };
    const ended = run(
      `process.on('disconnect', () => { console.error(JSON.stringify({ text: 'Ended' })); });
       console.error(JSON.stringify({ text: 'Begun' }));`,
      {
        token: token as unknown as CancellationToken,
        onProgress: ({ text }) => text === 'Begun' && cancel(),
      },
    );
    await assert.rejects(ended, CliEnded);
    assert.equal(logged.at(-1), 'distill doctor: Ended');
  });
});
