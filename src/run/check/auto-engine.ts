import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../engine/cache-folder';
import { engineReportSchema } from '../../protocol/doctor';

/**
 * What `auto` opens here, as far as the verdicts tell that are kept on engines: `wasm` where it has been asked about, which
 * happens only if no other one serves or with `distill doctor`, and none of the others was found good. Undefined: another one,
 * or not known. Nothing is opened to find out.
 */
export function autoEngine(): 'wasm' | undefined {
  try {
    const verdicts = JSON.parse(readFileSync(join(cacheFolder(), 'verdicts.json'), 'utf8')) as object;
    const good = new Set<string>();
    for (const verdict of Object.values(verdicts)) {
      const { success, data } = engineReportSchema.safeParse((verdict as { report?: unknown }).report);
      if (success && data.available && data.failures.length === 0) good.add(data.name);
    }
    return good.size === 1 && good.has('wasm') ? 'wasm' : undefined;
  } catch {
    // None yet, or none that can be understood.
    return undefined;
  }
}
