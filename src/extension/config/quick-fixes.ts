import {
  CodeAction,
  CodeActionKind,
  type CodeActionProvider,
  l10n,
  languages,
  type Range,
  type TextDocument,
  WorkspaceEdit,
} from 'vscode';
import { type ConfigDocument, nodeAt } from '../../run/document/config-document';
import { type ConfigEdit, textEdits } from '../../run/document/edit';
import { inline } from '../../run/document/inline';
import { pathText } from '../../run/help/describe';
import { publishedSchedule } from '../../run/help/published';
import { applyAll, changeOf, scheduleEdits } from '../../run/help/schedule';
import { DisposableOwner } from '../lifecycle';
import { toDiagnostic } from './check';
import type { ConfigurationDiagnostics } from './diagnostics';
import { toEditorEdits } from './editor-edits';
import { configurationSelector } from './find';

/** The fixes of problems, and the published schedule of a dataset. */
export class ConfigurationFixes extends DisposableOwner implements CodeActionProvider {
  readonly #diagnostics: ConfigurationDiagnostics;

  constructor(diagnostics: ConfigurationDiagnostics) {
    super();
    this.#diagnostics = diagnostics;
    const providedCodeActionKinds = [CodeActionKind.QuickFix, CodeActionKind.Refactor];
    this.own(languages.registerCodeActionsProvider(configurationSelector, this, { providedCodeActionKinds }));
  }

  provideCodeActions(document: TextDocument, range: Range): CodeAction[] {
    const { parsed, problems } = this.#diagnostics.of(document);
    const fixes = problems
      .filter((problem) => problem.range.intersection(range))
      .flatMap((problem) =>
        problem.fixes.map((fix, i) => {
          const action = new CodeAction(titleOf(fix, parsed), CodeActionKind.QuickFix);
          action.diagnostics = [toDiagnostic(problem)];
          action.isPreferred = i === 0;
          action.edit = new WorkspaceEdit();
          action.edit.set(document.uri, toEditorEdits(document, textEdits(parsed, fix)));
          return action;
        }),
      );
    return [...fixes, ...schedule(document, parsed)];
  }
}

/** Everywhere in a configuration whose dataset has one that it does not follow. */
function schedule(document: TextDocument, parsed: ConfigDocument): CodeAction[] {
  const published = parsed.syntax.length === 0 ? publishedSchedule(parsed.value) : undefined;
  if (!published) return [];
  const edits = scheduleEdits(parsed, published.training);
  const after = applyAll(parsed, edits, document.uri.path);
  if (after === parsed.text) return [];
  const action = new CodeAction(
    l10n.t('Use the published schedule for {0}', published.title),
    CodeActionKind.RefactorRewrite,
  );
  action.edit = new WorkspaceEdit();
  action.edit.set(document.uri, toEditorEdits(document, [changeOf(parsed.text, after)]));
  return [action];
}

function titleOf(fix: ConfigEdit, parsed: ConfigDocument): string {
  const where = pathText(fix.path);
  switch (fix.kind) {
    case 'rename':
      return l10n.t('Rename to "{0}"', fix.name);
    case 'remove':
      return l10n.t('Remove "{0}"', where);
    case 'set': {
      const value = inline(fix.value, parsed);
      return nodeAt(parsed.root, fix.path)
        ? l10n.t('Change "{0}" to {1}', where, value)
        : l10n.t('Add "{0}": {1}', where, value);
    }
    default:
      return fix satisfies never;
  }
}
