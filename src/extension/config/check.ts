import { Diagnostic, DiagnosticSeverity, Range, type TextDocument } from 'vscode';
import { checkConfig } from '../../run/check-config';

/** A problem of a configuration, placed in its document. */
export interface ConfigurationProblem {
  severity: 'error' | 'warning';
  code: string;
  message: string;
  range: Range;
  /** The JSON schema or syntax says the same, and VS Code shows it already. */
  inSchema: boolean;
}

/** Everything that is wrong with a configuration as it stands in its editor. */
export function checkConfiguration(document: TextDocument): ConfigurationProblem[] {
  return checkConfig(document.getText(), document.uri.fsPath).problems.map((problem) => ({
    severity: problem.severity,
    code: problem.code,
    message: problem.message,
    range: new Range(
      document.positionAt(problem.offset),
      document.positionAt(problem.offset + problem.length),
    ),
    inSchema: problem.inSchema,
  }));
}

export function toDiagnostic(problem: ConfigurationProblem): Diagnostic {
  const severity = problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
  const diagnostic = new Diagnostic(problem.range, problem.message, severity);
  diagnostic.source = 'distillation';
  diagnostic.code = problem.code;
  return diagnostic;
}
