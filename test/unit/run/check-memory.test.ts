import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type ConfigInput, configSchema } from '../../../src/protocol/config';
import { DistillError } from '../../../src/protocol/errors';
import { memory, requireWasmMemory } from '../../../src/run/check/memory';
import { checkConfig } from '../../../src/run/check-config';

const large = {
  dataset: { kind: 'sample' },
  engine: 'wasm',
  methods: [{ kind: 'lad' }],
  student: { backbone: 'resnet50' },
  training: { batch: 8, crop: [512, 1024] },
} as const satisfies ConfigInput;

const problemsOf = (config: object) =>
  checkConfig(JSON.stringify(config), '/workspace/distill.json').problems.filter(({ message }) =>
    message.includes('GiB'),
  );

const cache = mkdtempSync(join(tmpdir(), 'distill-memory-'));
process.env.DISTILL_CACHE = cache;
after(() => rmSync(cache, { recursive: true }));

describe('memory that a configuration needs', () => {
  it('is refused beyond what the wasm engine can address, with what fits', () => {
    const [problem] = problemsOf(large);
    assert.equal(problem?.severity, 'error');
    assert.deepEqual(problem.path, ['training', 'batch']);
    const advice =
      /A step of the teacher stage needs about \d+\.\d GiB \(batch 8, crop 512 x 1024\), and the wasm engine can address 4 GiB\. A crop of (\d+) x (\d+) fits\./;
    const [, height, width] = advice.exec(problem.message) ?? assert.fail(problem.message);
    const crop = [Number(height), Number(width)];
    assert.deepEqual(problemsOf({ ...large, training: { batch: 8, crop } }), []);
    const next = [crop[0]! + 32, crop[1]! + 64];
    assert.equal(problemsOf({ ...large, training: { batch: 8, crop: next } }).length, 1, 'it is the largest');
  });

  it('names a batch, too, where a smaller one is enough', () => {
    const { message } = problemsOf({ ...large, training: { batch: 64, crop: [128, 128] } })[0]!;
    const batch = Number(/A batch of (\d+) or a crop of \d+ x \d+ fits/.exec(message)?.[1]);
    assert.deepEqual(problemsOf({ ...large, training: { batch, crop: [128, 128] } }), []);
    assert.equal(problemsOf({ ...large, training: { batch: batch + 1, crop: [128, 128] } }).length, 1);
  });

  it('is no limit to other engines, and none while the engine is open; that of the machine is a warning', () => {
    const config = configSchema.parse({ ...large, engine: 'tensorflow' });
    assert.deepEqual(memory(config, 2 ** 40), []);
    assert.deepEqual(memory({ ...config, engine: 'auto' }, 2 ** 40), []);
    const [warning] = memory(config, 2 ** 34);
    assert.equal(warning?.severity, 'warning');
    assert.match(
      warning.message,
      /and this machine has 16\.0 GiB, so it will not get far here\. A batch of 2 or a crop of \d+ x \d+ fits/,
    );
    const fix = warning.fixes[1];
    assert.ok(fix?.kind === 'set');
    assert.deepEqual(fix.path, ['training', 'crop']);
    const crop = fix.value as [number, number];
    assert.deepEqual(memory({ ...config, training: { ...config.training, crop } }, 2 ** 34), []);
  });

  it('is warned of where "auto" is known to open the wasm engine', () => {
    const config = configSchema.parse({ ...large, engine: 'auto' });
    const found = (...reports: object[]) => {
      const verdicts = Object.fromEntries(reports.map((report, i) => [i, { report, at: 1 }]));
      writeFileSync(join(cache, 'verdicts.json'), JSON.stringify(verdicts));
      return memory(config, 2 ** 40).map(({ severity, message }) => `${severity}: ${message}`);
    };
    const description = { name: 'x', device: 'cpu', versions: {}, summary: '' };
    const good = (name: string) => ({ name, available: true, description, failures: [], gflops: 1 });
    const bad = { name: 'tensorflow', available: false, reason: 'It crashed.' };
    assert.match(
      found(good('wasm'), bad)[0]!,
      /^warning: A step of the teacher stage needs .* 4 GiB\. .* fits.*"auto" finds no other engine here\.$/,
    );
    assert.deepEqual(found(good('wasm'), good('tensorflow')), []);
    assert.deepEqual(found(good('wasm'), { ...good('tensorflow'), failures: ['resize'] }).length, 1);
    assert.deepEqual(found(), [], 'nothing is known');
    writeFileSync(join(cache, 'verdicts.json'), '{"half');
    assert.deepEqual(memory(config, 2 ** 40), []);
  });

  it('is required of a run once its engine is known', () => {
    const config = configSchema.parse({ ...large, engine: 'auto' });
    assert.throws(
      () => requireWasmMemory(config, 19),
      (error) => error instanceof DistillError && error.code === 'engine-memory' && /fits/.test(error.remedy),
    );
    requireWasmMemory(configSchema.parse({ ...large, training: { batch: 2, crop: [128, 128] } }), 19);
  });
});
