import { Diagnostic, DiagnosticSeverity, Range, type TextDocument } from 'vscode';
import type { Files } from '../../run/check/files';
import { type ConfigProblem, checkConfig } from '../../run/check-config';
import type { ConfigDocument } from '../../run/document/config-document';

/** A problem of a configuration, placed in its document. */
export interface ConfigurationProblem extends ConfigProblem {
  range: Range;
}

export interface CheckedConfiguration {
  parsed: ConfigDocument;
  problems: ConfigurationProblem[];
  /** Not even JSON or YAML: what else is wrong cannot be told. */
  unreadable: boolean;
}

/**
 * Everything that is wrong with a configuration as it stands in its editor.
 * @param files the disk, unless something else is to answer for it
 */
export function checkConfiguration(document: TextDocument, files?: Files): CheckedConfiguration {
  const { document: parsed, problems } = checkConfig(document.getText(), document.uri.fsPath, files);
  return {
    parsed,
    unreadable: parsed.syntax.length > 0,
    problems: problems.map((problem) => ({
      ...problem,
      range: new Range(
        document.positionAt(problem.offset),
        document.positionAt(problem.offset + problem.length),
      ),
    })),
  };
}

export function toDiagnostic(problem: ConfigurationProblem): Diagnostic {
  const severity = problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
  const diagnostic = new Diagnostic(problem.range, problem.message, severity);
  diagnostic.source = 'distillation';
  diagnostic.code = problem.code;
  return diagnostic;
}
