import { dirname } from 'node:path';
import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { type Config, configSchema } from '../protocol/config';
import type { ErrorCode } from '../protocol/errors';
import { contradictions } from './check/contradictions';
import { memory } from './check/memory';
import { missingFiles } from './check/missing-files';
import { type Finding, schemaFindings } from './check/schema-findings';

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
  /** The JSON schema (or JSON syntax) says the same: an editor that knows the schema shows it already. */
  inSchema: boolean;
}

export interface ConfigCheck {
  /** Every default filled in; undefined when syntax or schema are violated. */
  config?: Config;
  problems: ConfigProblem[];
}

/**
 * Everything that can be said about a configuration without training: syntax, schema, fields that contradict each other,
 * folders and checkpoints that are not there. Used by the editor, `distill validate` and before each run.
 * @param file absolute path of the configuration; relative paths in it start from its folder
 */
export function checkConfig(text: string, file: string): ConfigCheck {
  const syntax: ParseError[] = [];
  const value: unknown = parse(text, syntax, { allowTrailingComma: true });
  if (syntax.length > 0)
    return {
      problems: syntax.map(({ error, offset, length }) => ({
        severity: 'error',
        code: 'config-syntax',
        message: `Not valid JSON: ${spaced(printParseErrorCode(error))}.`,
        path: [],
        offset,
        length: Math.max(length, 1),
        inSchema: true,
      })),
    };
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const place = (finding: Finding): ConfigProblem => ({ ...finding, ...rangeOf(tree, finding, text) });
  const parsed = configSchema.safeParse(value);
  if (!parsed.success)
    return {
      problems: schemaFindings(parsed.error, value).map(place),
    };
  const config = parsed.data;
  const findings = [
    ...contradictions(config, value),
    ...memory(config),
    ...missingFiles(config, dirname(file)),
  ];
  return { config, problems: findings.map(place) };
}

/** `InvalidSymbol` -> `invalid symbol`. */
function spaced(name: string): string {
  return name.replace(/(?!^)([A-Z])/g, ' $1').toLowerCase();
}

/** The value at a path; its key where `onKey`; the nearest enclosing key where the value is not written. */
function rangeOf(
  tree: Node | undefined,
  { path, onKey }: Finding,
  text: string,
): { offset: number; length: number } {
  for (let depth = path.length; tree && depth >= 0; depth--) {
    const node = findNodeAtLocation(tree, path.slice(0, depth));
    if (!node) continue;
    const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    // A whole object underlined is noise: its key says enough.
    const target = (onKey || depth < path.length || node.type === 'object') && key ? key : node;
    const length = target.type === 'object' ? 1 : target.length;
    return { offset: target.offset, length };
  }
  return { offset: 0, length: Math.min(1, text.length) };
}
