import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runTypeScript } from '../../lib/run-typescript';
import { useSoftwareAdapter } from '../../lib/software-gpu';

const main = join(__dirname, '..', '..', '..', 'src', 'cli', 'main.ts');
const skip = useSoftwareAdapter();

const config = {
  dataset: { kind: 'sample' },
  methods: [{ kind: 'rdd' }],
  student: { width: 0.0625 },
  teacher: { width: 0.0625 },
  training: {
    iterations: 2,
    teacherIterations: 1,
    batch: 2,
    crop: [16, 16],
    evaluateEvery: 2,
    evaluateImages: 1,
    checkpointEvery: 2,
    sampleEvery: 2,
  },
};

interface Event {
  kind: string;
  loss?: number;
  status?: string;
}

describe('a run on the webgpu engine', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'distill-webgpu-run-'));
  after(() => rmSync(folder, { recursive: true }));

  /** `distill train` on an engine; the journal. */
  const train = async (engine: string): Promise<Event[]> => {
    const workspace = join(folder, engine);
    const file = join(folder, `${engine}.distill.json`);
    writeFileSync(file, JSON.stringify(config));
    const args = [
      ...runTypeScript,
      main,
      'train',
      file,
      '--engine',
      engine,
      '--workspace',
      workspace,
      '--quiet',
    ];
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, args, (error, _stdout, stderr) =>
        error ? reject(new Error(`${engine}: ${stderr}`)) : resolve(),
      );
    });
    const runs = join(workspace, '.distill', 'runs');
    const journal = readFileSync(join(runs, readdirSync(runs)[0]!, 'journal.jsonl'), 'utf8');
    return journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
  };

  it('trains teacher and student of RDD, with pictures, scores and checkpoints, as the wasm engine does', async () => {
    const [webgpu, wasm] = [await train('webgpu'), await train('wasm')];
    const kinds = (events: Event[]) => events.map(({ kind }) => kind);
    assert.deepEqual(kinds(webgpu), kinds(wasm));
    assert.equal(webgpu.at(-1)!.status, 'finished');
    const losses = (events: Event[]) => events.flatMap(({ kind, loss }) => (kind === 'step' ? [loss!] : []));
    assert.equal(losses(webgpu).length, 3);
    for (const [i, loss] of losses(webgpu).entries()) {
      const other = losses(wasm)[i]!;
      assert.ok(Math.abs(loss - other) <= 1e-3 * other, `step ${i + 1}: ${loss} and ${other}`);
    }
  });
});
