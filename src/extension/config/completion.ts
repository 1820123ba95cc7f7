import { dirname } from 'node:path';
import {
  CompletionItem,
  CompletionItemKind,
  type CompletionItemProvider,
  CompletionList,
  FileType,
  l10n,
  languages,
  MarkdownString,
  type Position,
  Range,
  SnippetString,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import { asWritten, folderOf, pathsIn } from '../../run/help/paths';
import type { Proposal } from '../../run/help/proposal';
import { type Completion, completeAt } from '../../run/help/proposals';
import { runFiles } from '../../run/run-folder';
import { DisposableOwner } from '../lifecycle';
import type { RunStore } from '../runs/store';
import { miouText } from '../text';
import type { ConfigurationDiagnostics } from './diagnostics';
import { toEditorEdits } from './editor-edits';
import type { EditorSchema } from './editor-schema';
import { configurationSelector } from './find';

const TRIGGERS = ['"', ':', ' ', '/', '[', '{', '\n'];
const RUNS_OFFERED = 20;

const kinds: Record<Proposal['kind'], CompletionItemKind> = {
  field: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  schedule: CompletionItemKind.Snippet,
  method: CompletionItemKind.Class,
  start: CompletionItemKind.Snippet,
};

/** Fields, values, methods and paths of configurations, in JSON and in YAML. */
export class ConfigurationCompletion extends DisposableOwner implements CompletionItemProvider {
  readonly #schema: EditorSchema;
  readonly #diagnostics: ConfigurationDiagnostics;
  readonly #store: RunStore;

  constructor(schema: EditorSchema, diagnostics: ConfigurationDiagnostics, store: RunStore) {
    super();
    this.#schema = schema;
    this.#diagnostics = diagnostics;
    this.#store = store;
    this.own(languages.registerCompletionItemProvider(configurationSelector, this, ...TRIGGERS));
  }

  async provideCompletionItems(
    document: TextDocument,
    position: Position,
  ): Promise<CompletionList | undefined> {
    const { parsed } = this.#diagnostics.of(document);
    const offset = document.offsetAt(position);
    const completion = completeAt(parsed, this.#schema.root, offset);
    if (!completion) return undefined;
    const { offset: begin, length } = completion.replace;
    const range = new Range(document.positionAt(begin), document.positionAt(begin + length));
    const items = completion.proposals.map((proposal, i) => {
      const item = new CompletionItem(proposal.label, kinds[proposal.kind]);
      if (proposal.detail !== undefined) item.detail = proposal.detail;
      if (proposal.documentation) item.documentation = new MarkdownString(proposal.documentation);
      item.insertText = new SnippetString(proposal.insert);
      item.filterText = asInText(proposal.label, completion, document.getText(range));
      item.range = range;
      item.sortText = String(i).padStart(4, '0');
      if (proposal.isDefault) item.preselect = true;
      if (proposal.more) item.additionalTextEdits = toEditorEdits(document, proposal.more);
      if (proposal.goesOn) item.command = suggestAgain();
      return item;
    });
    if (completion.wantsPath) items.push(...(await this.#paths(document, completion, range, offset)));
    return new CompletionList(items, completion.wantsPath !== undefined);
  }

  async #paths(
    document: TextDocument,
    completion: Completion,
    range: Range,
    offset: number,
  ): Promise<CompletionItem[]> {
    const wants = completion.wantsPath!;
    const written = document
      .getText(new Range(range.start, document.positionAt(offset)))
      .replace(/^["']/, '');
    const base = dirname(document.uri.fsPath);
    const { folder, lead } = folderOf(written, base);
    const item = (path: string, label: string, kind: CompletionItemKind, order: string) => {
      const one = new CompletionItem(label, kind);
      one.insertText = completion.language === 'json' ? JSON.stringify(path) : path;
      one.filterText = asInText(path, completion, document.getText(range));
      one.range = range;
      one.sortText = order;
      return one;
    };
    const listed = pathsIn(await entriesOf(folder), lead, wants).map(({ path, name, isFolder }) => {
      const one = item(
        path,
        name,
        isFolder ? CompletionItemKind.Folder : CompletionItemKind.File,
        `b${name}`,
      );
      // Ends in front of the closing quote, so that what follows can be chosen next.
      if (isFolder) {
        const inside = JSON.stringify(path)
          .slice(0, -1)
          .replace(/[\\$}]/g, '\\$&');
        one.insertText = new SnippetString(completion.language === 'json' ? `${inside}$0"` : path);
        one.command = suggestAgain();
      }
      return one;
    });
    return wants === 'weights' ? [...(await this.#bestWeights(base, item)), ...listed] : listed;
  }

  /** The best weights of the runs that are known here. */
  async #bestWeights(
    base: string,
    item: (path: string, label: string, kind: CompletionItemKind, order: string) => CompletionItem,
  ): Promise<CompletionItem[]> {
    const runs = this.#store.summaries.slice(0, RUNS_OFFERED);
    const found = await Promise.all(
      runs.flatMap((run, i) =>
        (['teacher', 'student'] as const).map(async (role) => {
          const file = Uri.joinPath(
            Uri.file(run.folder),
            runFiles.checkpoints,
            'best',
            `${role}.safetensors`,
          );
          if (!(await exists(file))) return [];
          const label =
            role === 'teacher' ? l10n.t('Teacher of {0}', run.name) : l10n.t('Student of {0}', run.name);
          const one = item(asWritten(file.fsPath, base), label, CompletionItemKind.Reference, `a${i}${role}`);
          const miou = role === 'teacher' ? run.bestTeacherMiou : run.bestStudentMiou;
          one.detail = miou === undefined ? run.id : `${run.id}, ${l10n.t('mIoU {0}', miouText(miou))}`;
          return [one];
        }),
      ),
    );
    return found.flat();
  }
}

function suggestAgain() {
  return { command: 'editor.action.triggerSuggest', title: l10n.t('Suggest') };
}

/** VS Code compares with the text that is replaced, which has quotes or not. */
function asInText(label: string, { language }: Completion, there: string): string {
  return language === 'json' && there.startsWith('"') ? JSON.stringify(label) : label;
}

async function entriesOf(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  try {
    const entries = await workspace.fs.readDirectory(Uri.file(folder));
    return entries.map(([name, type]) => ({ name, isFolder: (type & FileType.Directory) !== 0 }));
  } catch {
    // What is written so far leads nowhere.
    return [];
  }
}

async function exists(file: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
