import { createHash } from 'node:crypto';
import fs from 'node:fs';
import Module from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { writeWhole } from '../run/files';

/** By then a window that opens has compiled what windows need. */
const KEEP_AFTER_MS = 10_000;
const ENDING = '.v8';
const SUM_BYTES = 32;

/**
 * `require(file)` for a large CommonJS file, with what V8 made of it the last time: compiling it anew takes most of the time a
 * window waits for the extension. What is kept belongs to this very file and this V8, which looks at both; without it, or
 * when it is damaged, the file is compiled as always.
 * @param folder where the compiled code is kept
 * @param require what the file gets as its own
 * Errors: `file` is not there or throws.
 */
export function loadCompiled<T>(file: string, folder: string, require: NodeJS.Require): T {
  const { size, mtimeMs } = fs.statSync(file);
  const kept = join(folder, `${basename(file)}-${size}-${mtimeMs}${ENDING}`);
  const cachedData = readKept(kept);
  // The build writes ASCII alone, which is read several times as fast under this name.
  const script = new Script(Module.wrap(fs.readFileSync(file, 'latin1')), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  // Unless V8 took it. It also knows by then which functions are called, and compiles those ahead.
  if (script.cachedDataRejected !== false) setTimeout(() => keep(script, kept), KEEP_AFTER_MS).unref();
  return module.exports as T;
}

/** V8 trusts what it is given: of damaged code it makes a crash. So there is a checksum before it. */
function readKept(file: string): Buffer | undefined {
  let whole: Buffer;
  try {
    whole = fs.readFileSync(file);
  } catch {
    return undefined;
  }
  const code = whole.subarray(SUM_BYTES);
  return whole.subarray(0, SUM_BYTES).equals(checksum(code)) ? code : undefined;
}

function checksum(code: Buffer): Buffer {
  return createHash('sha256').update(code).digest();
}

/** Other windows may do the same at the same time, and a disk may be full: then the next window tries again. */
function keep(script: Script, file: string): void {
  const folder = dirname(file);
  try {
    fs.mkdirSync(folder, { recursive: true });
    const older = fs.readdirSync(folder).filter((name) => name.endsWith(ENDING) && name !== basename(file));
    const code = script.createCachedData();
    writeWhole(file, Buffer.concat([checksum(code), code]));
    for (const name of older) fs.rmSync(join(folder, name), { force: true });
  } catch {
    // The extension has started, which is what matters.
  }
}
