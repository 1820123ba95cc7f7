import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { cacheFolder } from '../../../src/engine/cache-folder';
import { probeApart } from '../../../src/engine/probe-apart';
import { bestTime } from '../../../src/engine/speed';
import { writeReceipt } from '../../../src/engine/tensorflow-home';
import { forgetVerdicts, verdictOn } from '../../../src/engine/verdicts';
import type { EngineReport } from '../../../src/protocol/doctor';
import { scratch } from './install/support';

const good = (gflops: number, disturbed = false): EngineReport => ({
  name: 'tensorflow',
  available: true,
  description: { name: 'tensorflow', device: 'cpu', versions: {}, summary: 's' },
  failures: [],
  gflops,
  disturbed,
});

describe('verdicts on engines', () => {
  const here = scratch();
  let probes = 0;
  const ask = async (report: EngineReport = good(++probes), fresh = false) =>
    (await verdictOn('tensorflow', { fresh, probe: async () => report })).report;
  const setUp = () => {
    mkdirSync(here.path('lib'), { recursive: true });
    writeFileSync(here.path('lib/library'), 'library');
    writeReceipt({
      source: 'wheel',
      version: '2.21.0',
      library: here.path('lib/library'),
      beside: [],
      preload: [],
      folder: here.path('lib'),
      origin: 'x.whl',
      cuda: null,
    });
  };

  it('are kept until something they depend on changes', async () => {
    setUp();
    const first = await ask(good(1));
    assert.deepEqual(await ask(good(2)), first);
    assert.deepEqual(await ask(good(3), true), good(3), 'asked to find out anew');
    assert.deepEqual(await ask(good(4)), good(3));
    const later = new Date(Date.now() + 10_000);
    utimesSync(here.path('lib/library'), later, later);
    assert.deepEqual(await ask(good(5)), good(5), 'another library');
    process.env.CUDA_VISIBLE_DEVICES = '7';
    assert.deepEqual(await ask(good(6)), good(6), 'another variable');
    delete process.env.CUDA_VISIBLE_DEVICES;
    assert.deepEqual(await ask(good(7)), good(5), 'as before');
    forgetVerdicts();
    assert.deepEqual(await ask(good(8)), good(8));
    assert.deepEqual(readdirSync(cacheFolder()).sort(), ['tensorflow.json', 'verdicts.json']);
  });

  it('that are bad are asked again after a day', async (t) => {
    setUp();
    const bad: EngineReport = { name: 'tensorflow', available: false, reason: 'crashed' };
    assert.deepEqual(await ask(bad), bad);
    assert.deepEqual(await ask(good(1)), bad);
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * 3600_000 });
    assert.deepEqual(await ask(good(2)), good(2));
    t.mock.timers.tick(25 * 3600_000);
    assert.deepEqual(await ask(good(3)), good(2), 'a good one lasts');
  });

  it('with a speed that was measured on a busy machine are asked again after an hour', async (t) => {
    setUp();
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    assert.deepEqual(await ask(good(1, true)), good(1, true));
    t.mock.timers.tick(3000_000);
    assert.deepEqual(await ask(good(2)), good(1, true));
    t.mock.timers.tick(3000_000);
    assert.deepEqual(await ask(good(2)), good(2));
  });

  it('need no probing where an engine is not set up, and survive a cache that cannot be understood or written', async () => {
    const report = await ask(good(1));
    assert.ok(!report.available && /not set up/.test(report.reason));
    setUp();
    for (const content of ['{"half":', '[1]', '{"x":{"report":{},"at":1}}', 'null']) {
      writeFileSync(here.path('cache/verdicts.json'), content);
      assert.deepEqual(await ask(good(2)), good(2));
      forgetVerdicts();
    }
    mkdirSync(here.path('cache/verdicts.json'));
    assert.deepEqual(await ask(good(3)), good(3));
  });
});

describe('the best time of a step', () => {
  const timed = (shares: number[]) => {
    let steps = 0;
    const { disturbed } = bestTime(
      () => void steps++,
      () => () => shares.shift() ?? 1,
    );
    return { steps, disturbed };
  };

  it('is measured until the machine was quiet, else said to be disturbed', () => {
    const quiet = [0.1, 1];
    assert.equal(timed(quiet).disturbed, false);
    assert.equal(quiet.length, 1, 'measured once');
    const later = [0.9, 0.5, 0, 1];
    assert.equal(timed(later).disturbed, false);
    assert.equal(later.length, 1);
    const { steps, disturbed } = timed([]);
    assert.ok(disturbed);
    assert.ok(steps >= 5);
  });
});

describe('probing in a process of its own', () => {
  const here = scratch();
  const probe = (code: string, limitMs = 20_000) => {
    writeFileSync(here.path('program.cjs'), code);
    return probeApart('wasm', { script: here.path('program.cjs'), execArgv: [] }, limitMs);
  };
  const reason = async (code: string, limitMs?: number) => {
    const report = await probe(code, limitMs);
    assert.ok(!report.available);
    assert.equal(report.name, 'wasm');
    return report.reason;
  };

  it('brings the report back, and survives crashes, hangs and nonsense', async () => {
    const [answered, crashed, hung, nonsense] = await Promise.all([
      probe(`process.send(${JSON.stringify(good(5))}, () => process.exit())`),
      probeOther('b.cjs', 'console.error("bad library"); process.kill(process.pid, "SIGKILL")'),
      probeOther('c.cjs', 'setInterval(() => 0, 1000)', 1000),
      probeOther('d.cjs', 'process.send({ name: 5 }, () => process.exit(3))'),
    ]);
    assert.deepEqual(answered, good(5));
    assert.match(crashed, /crashed \(SIGKILL\)\. bad library/);
    assert.match(hung, /did not answer within 1 seconds and was ended/);
    assert.match(nonsense, /crashed \(status 3\)/);
    async function probeOther(name: string, code: string, limitMs = 20_000): Promise<string> {
      writeFileSync(here.path(name), code);
      const report = await probeApart('wasm', { script: here.path(name), execArgv: [] }, limitMs);
      assert.ok(!report.available);
      return report.reason;
    }
  });

  it('says so when the program is not there', async () => {
    assert.match(await reason('throw new Error("no engine here")'), /crashed \(status 1\).*no engine here/s);
  });
});
