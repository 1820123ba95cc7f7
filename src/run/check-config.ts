import { dirname } from 'node:path';
import { type Config, configSchema } from '../protocol/config';
import type { ErrorCode } from '../protocol/errors';
import { contradictions } from './check/contradictions';
import { disk, type Files } from './check/files';
import { fittingWeights } from './check/fitting-weights';
import { lastDatasetCheck } from './check/last-dataset-check';
import { trainingMemory } from './check/machine';
import { memory } from './check/memory';
import { missingFiles } from './check/missing-files';
import { type Finding, schemaFindings } from './check/schema-findings';
import { type ConfigDocument, fieldAt, nodeAt, type Span } from './document/config-document';
import type { ConfigEdit } from './document/edit';
import { openDocument } from './document/open-document';

/** Something wrong with a configuration, placed in its text. */
export interface ConfigProblem {
  severity: 'error' | 'warning';
  code: ErrorCode;
  /** What is wrong and what to write instead. */
  message: string;
  path: (string | number)[];
  /** In UTF-16 units from the start of the text. */
  offset: number;
  length: number;
  /** Changes that help, each by itself; the likeliest first. */
  fixes: ConfigEdit[];
}

export interface ConfigCheck {
  document: ConfigDocument;
  /** Every default filled in; undefined when syntax or schema are violated. */
  config?: Config;
  problems: ConfigProblem[];
}

/**
 * Everything that can be said about a configuration without training: syntax, schema, fields that contradict each other,
 * folders and checkpoints that are not there or do not fit. Used by the editor, `distill validate` and before each run.
 * @param file absolute path of the configuration, whose name says whether it is JSON or YAML; relative paths in it start
 *   from its folder
 */
export function checkConfig(text: string, file: string, files: Files = disk): ConfigCheck {
  const document = openDocument(text, file);
  const { value, syntax } = document;
  if (syntax.length > 0)
    return {
      document,
      problems: syntax.map((problem) => ({
        severity: 'error',
        code: 'config-syntax',
        path: [],
        fixes: [],
        ...problem,
      })),
    };
  const place = (finding: Finding): ConfigProblem => ({ ...finding, ...spanOf(document, finding) });
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) return { document, problems: schemaFindings(parsed.error, value).map(place) };
  const config = parsed.data;
  const base = dirname(file);
  const findings = [
    ...contradictions(config, value),
    ...memory(config, trainingMemory(), files.autoEngine()),
    ...missingFiles(config, base, files),
    ...fittingWeights(config, base, files),
    ...lastDatasetCheck(config, base, files),
  ];
  return { document, config, problems: findings.map(place) };
}

/** The value at a path; its key where `onKey`; the nearest enclosing key where the value is not written. */
export function spanOf(
  { root, text }: ConfigDocument,
  { path, onKey }: Pick<Finding, 'path' | 'onKey'>,
): Span {
  for (let depth = path.length; depth >= 0; depth--) {
    const at = path.slice(0, depth);
    const key = fieldAt(root, at)?.key;
    const node = nodeAt(root, at);
    if (!node && !key) continue;
    // A whole object underlined is noise: its key says enough.
    const target = (onKey || depth < path.length || !node || node.kind === 'object') && key ? key : node!;
    return { offset: target.offset, length: target === node && node.kind === 'object' ? 1 : target.length };
  }
  return { offset: 0, length: Math.min(1, text.length) };
}
