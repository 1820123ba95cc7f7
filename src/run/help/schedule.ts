import type { ConfigDocument, Span } from '../document/config-document';
import { applyTextEdits, type ConfigEdit, type TextEdit, textEdits } from '../document/edit';
import { openDocument } from '../document/open-document';

/** What it takes to train as published, whatever is there already. */
export function scheduleEdits(document: ConfigDocument, training: Record<string, unknown>): ConfigEdit[] {
  const there = document.value as { training?: unknown } | undefined;
  return typeof there?.training === 'object' && there.training !== null
    ? Object.entries(training).map(([name, value]) => ({ kind: 'set', path: ['training', name], value }))
    : [{ kind: 'set', path: ['training'], value: training }];
}

/** Edits of the text as it will be once `text` stands at `span`, in the offsets of the text as it is. */
export function editsAround(
  document: ConfigDocument,
  span: Span,
  text: string,
  edits: ConfigEdit[],
): TextEdit[] {
  const file = document.language === 'yaml' ? '.yaml' : '.json';
  const whole = applyTextEdits(document.text, [{ ...span, text }]);
  const next = openDocument(whole, file);
  // With another error in the text there is no telling where a section would go.
  if (next.syntax.length > 0) return [];
  const change = changeOf(whole, applyAll(next, edits, file));
  const end = span.offset + text.length;
  const moved =
    change.offset >= end ? { ...change, offset: change.offset - text.length + span.length } : change;
  return change.text === '' && change.length === 0 ? [] : [moved];
}

/** One edit after the other: several new fields of a section go to the same place. */
export function applyAll(document: ConfigDocument, edits: readonly ConfigEdit[], file: string): string {
  return edits.reduce(
    (now, edit) => openDocument(applyTextEdits(now.text, textEdits(now, edit)), file),
    document,
  ).text;
}

/** The part of a text that has become another. */
export function changeOf(before: string, after: string): TextEdit {
  let begin = 0;
  while (begin < before.length && before[begin] === after[begin]) begin++;
  let same = 0;
  const most = Math.min(before.length, after.length) - begin;
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return {
    offset: begin,
    length: before.length - same - begin,
    text: after.slice(begin, after.length - same),
  };
}
