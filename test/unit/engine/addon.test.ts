import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { addonSources, findAddon, sourcesHash, tryLibrary } from '../../../src/engine/install/addon';
import { DistillError } from '../../../src/protocol/errors';

const shipped = process.platform === 'linux' && process.arch === 'x64';

describe('the addon that loads TensorFlow', { skip: !shipped && 'None is shipped for this platform' }, () => {
  const addon = () => {
    const search = findAddon();
    assert.ok(search.found && search.origin === 'prebuilt');
    return search.addon;
  };

  it('is compiled from the sources beside it', () => {
    const { sources } = createRequire(__filename)(addon()) as { sources: string };
    assert.equal(sources, sourcesHash(addonSources()), 'run: node scripts/build-addon.mjs');
  });

  it('needs no newer system than TensorFlow itself', async () => {
    const root = join(__dirname, '..', '..', '..');
    const { tooNewSymbols } = (await import(`${root}/scripts/build-addon.mjs`)) as {
      tooNewSymbols: (file: string) => string[];
    };
    assert.deepEqual(tooNewSymbols(addon()), []);
  });

  it('says why a library is none', async () => {
    const refused = (library: string, message: RegExp) =>
      assert.rejects(
        tryLibrary({ addon: addon(), library }),
        (e: unknown) =>
          e instanceof DistillError && e.code === 'engine-unavailable' && message.test(e.message),
      );
    await refused('/nonexistent/libtensorflow.so', /cannot open shared object file/);
    await refused(__filename, /invalid ELF header|file too short/);
    // A library, but another one: the addon itself.
    await refused(addon(), /lacks TF_Version.*TensorFlow 2\.9 or newer is needed/);
  });
});
