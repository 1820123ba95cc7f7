import { basename } from 'node:path';
import type { ConfigDocument, ConfigLanguage } from './config-document';
import { parseJson } from './json-document';
import { parseYaml } from './yaml-document';

/** Names of configurations: `distill.json`, `*.distill.json`, and the same in YAML. */
export function languageOf(file: string): ConfigLanguage | undefined {
  return /^(?:.+\.)?distill\.(json|yaml)$/.exec(basename(file))?.[1] as ConfigLanguage | undefined;
}

/** The name of a run whose configuration names none: that of the file. */
export function nameOf(file: string): string {
  return basename(file).replace(/(\.distill)?\.(json|yaml)$/, '');
}

/** A configuration has a few kilobytes and half a dozen levels. */
const MOST_CHARACTERS = 2 ** 20;
const MOST_LEVELS = 100;

/** Reads a configuration; any text gives a document. What is not named as YAML is taken for JSON. */
export function openDocument(text: string, file: string): ConfigDocument {
  const language = /\.ya?ml$/.test(file) ? 'yaml' : 'json';
  const absurd = absurdity(text, language);
  if (absurd) {
    const message = `Not a configuration: ${absurd}.`;
    return { language, text, root: undefined, value: undefined, syntax: [{ message, offset: 0, length: 1 }] };
  }
  return language === 'yaml' ? parseYaml(text) : parseJson(text);
}

/** The parsers call themselves for each level, and take the process with them when the stack ends. */
function absurdity(text: string, language: ConfigLanguage): string | undefined {
  if (text.length > MOST_CHARACTERS) return `it has ${text.length} characters`;
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > MOST_LEVELS) return 'it is nested too deeply';
  }
  return language === 'yaml' && /(?:[-?:] +){100}/.test(text) ? 'it is nested too deeply' : undefined;
}
