import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { installTensorFlow } from '../../../src/engine/install-tensorflow';
import {
  ADDON,
  findTensorFlow,
  LAYOUT,
  LIBRARIES,
  RECEIPT,
  TENSORFLOW_VERSION,
  tensorFlowFolder,
} from '../../../src/engine/tensorflow-home';
import { DistillError, type ErrorCode } from '../../../src/protocol/errors';

describe('setting TensorFlow up', { skip: process.platform !== 'linux' && 'Linux only' }, () => {
  let cache: string;
  let saved: NodeJS.ProcessEnv;
  const quiet = () => undefined;

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'distill-setup-'));
    saved = { ...process.env };
    process.env.XDG_CACHE_HOME = cache;
  });
  afterEach(() => {
    process.env = saved;
    rmSync(cache, { recursive: true });
  });

  const refused = (promise: Promise<unknown>, code: ErrorCode, message: RegExp) =>
    assert.rejects(promise, (e: unknown) => {
      assert.ok(e instanceof DistillError, String(e));
      assert.equal(e.code, code);
      assert.match(e.message, message);
      return true;
    });

  /** A zip file with the given members, under the name of a wheel. */
  const wheel = (
    members: Record<string, string>,
    name = `tensorflow_cpu-${TENSORFLOW_VERSION}-cp312-test.whl`,
  ) => {
    const file = join(cache, name);
    const script =
      'import sys,zipfile,json\nwith zipfile.ZipFile(sys.argv[1],"w") as z:\n for n,t in json.loads(sys.argv[2]).items(): z.writestr(n,t)';
    execFileSync('python3', ['-c', script, file, JSON.stringify(members)]);
    return file;
  };
  /** Nothing but what the user gave is left. */
  const nothingLeft = () =>
    assert.deepEqual(
      existsSync(join(cache, 'distillation-studio')) ? readdirSync(join(cache, 'distillation-studio')) : [],
      [],
    );

  it('says why TensorFlow is not there', () => {
    const reason = () => {
      const search = findTensorFlow();
      assert.ok(!search.found);
      return search.reason;
    };
    assert.match(reason(), /not set up.*--install tensorflow/);
    mkdirSync(tensorFlowFolder(), { recursive: true });
    for (const name of [ADDON, LIBRARIES[0], RECEIPT]) writeFileSync(join(tensorFlowFolder(), name), '{}');
    assert.match(reason(), /libtensorflow_framework\.so\.2 missing/);
    writeFileSync(join(tensorFlowFolder(), LIBRARIES[1]), '');
    assert.match(reason(), /another version of this program/);
    writeFileSync(join(tensorFlowFolder(), RECEIPT), JSON.stringify({ layout: LAYOUT }));
    assert.deepEqual(findTensorFlow(), {
      found: true,
      folder: tensorFlowFolder(),
      addon: join(tensorFlowFolder(), ADDON),
    });
  });

  it('refuses files that are no wheel of this TensorFlow', async () => {
    const install = (file: string) => installTensorFlow({ wheel: file, progress: quiet });
    await refused(install(join(cache, 'no.whl')), 'usage', /no such file/);
    await refused(
      install(wheel({}, 'tensorflow_cpu-1.0.0-cp312-test.whl')),
      'usage',
      /not a wheel of TensorFlow/,
    );
    const broken = join(cache, `tensorflow_cpu-${TENSORFLOW_VERSION}-broken.whl`);
    writeFileSync(broken, 'PK no');
    await refused(install(broken), 'engine-unavailable', /cannot be unpacked.*download it again/);
    await refused(
      install(wheel({ 'tensorflow/other': 'x' })),
      'engine-unavailable',
      /holds no libtensorflow_cc/,
    );
    nothingLeft();
  });

  it('writes nothing outside its folder, whatever the archive says', async () => {
    const file = wheel({ 'tensorflow/include/tsl/../../../../../escaped': 'x' });
    await refused(installTensorFlow({ wheel: file, progress: quiet }), 'engine-unavailable', /unsafe name/);
    assert.ok(!existsSync(join(cache, 'escaped')));
    nothingLeft();
  });

  it('says what to install when Python or the compiler is missing', async () => {
    const file = wheel({});
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
      encoding: 'utf8',
    }).trim();
    process.env.PATH = join(cache, 'empty');
    delete process.env.CXX;
    await refused(
      installTensorFlow({ wheel: file, progress: quiet }),
      'engine-unavailable',
      /No Python 3.*Install/,
    );
    mkdirSync(join(cache, 'bin'));
    writeFileSync(join(cache, 'bin', 'python3'), `#!/bin/sh\nexec '${python}' "$@"\n`, { mode: 0o755 });
    process.env.PATH = join(cache, 'bin');
    await refused(
      installTensorFlow({ wheel: file, progress: quiet }),
      'engine-unavailable',
      /No C\+\+ compiler.*Install/,
    );
    nothingLeft();
  });

  it('reports libraries the addon does not fit and keeps what was set up before', async () => {
    mkdirSync(tensorFlowFolder(), { recursive: true });
    writeFileSync(join(tensorFlowFolder(), RECEIPT), 'before');
    const members = Object.fromEntries(LIBRARIES.map((name) => [`tensorflow/${name}`, 'no library']));
    await refused(
      installTensorFlow({ wheel: wheel(members), progress: quiet }),
      'engine-unavailable',
      /does not compile/,
    );
    assert.deepEqual(readdirSync(tensorFlowFolder()), [RECEIPT]);
    assert.deepEqual(readdirSync(join(cache, 'distillation-studio')), [`tensorflow-${TENSORFLOW_VERSION}`]);
  });
});
