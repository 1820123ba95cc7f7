import { provideAddon, tryLibrary } from './addon';
import type { Candidate } from './candidates';
import type { Report } from './progress';

/**
 * Loads libraries once in a process of its own, because one that does not fit may take the process down.
 * @returns the version they say they have
 * Errors: engine-unavailable (no addon for this platform and no compiler, does not load, too old), with the remedy.
 */
export async function tryOut(candidate: Candidate, report: Report): Promise<string> {
  const addon = await provideAddon({ progress: (text) => report({ text }) });
  report({ text: 'Trying it.' });
  const { library, preload } = candidate;
  return (await tryLibrary({ addon, library, preload })).version;
}
