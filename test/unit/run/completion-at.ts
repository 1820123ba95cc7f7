import assert from 'node:assert/strict';
import { applyTextEdits } from '../../../src/run/document/edit';
import { openDocument } from '../../../src/run/document/open-document';
import type { FieldSchema } from '../../../src/run/help/field-schema';
import type { Proposal } from '../../../src/run/help/proposal';
import { completeAt } from '../../../src/run/help/proposals';

/** What is proposed at `|`. */
export function completionAt(schema: FieldSchema, marked: string, file = 'a.json') {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const completion = completeAt(openDocument(text, file), schema, offset);
  const proposals = completion?.proposals ?? [];
  return {
    labels: proposals.map(({ label }) => label),
    wantsPath: completion?.wantsPath,
    /** The text after a proposal was taken, with its places as they stand. */
    take(label: string): string {
      const proposal = proposals.find((one) => one.label === label);
      assert.ok(proposal, `${label} is not among ${proposals.map((one) => one.label).join(', ')}`);
      const begin = text.lastIndexOf('\n', offset - 1) + 1;
      // As VS Code does: further lines are moved as far as the line they begin in is.
      const indent = /^\s*/.exec(text.slice(begin, offset))![0];
      return applyTextEdits(text, [
        { ...completion!.replace, text: filled(proposal.insert).replaceAll('\n', `\n${indent}`) },
        ...(proposal.more ?? []),
      ]);
    },
    proposal: (label: string): Proposal | undefined => proposals.find((one) => one.label === label),
  };
}

function filled(snippet: string): string {
  return snippet
    .replace(/\$\{\d+:([^}]*)\}|\$\d+/g, (_, text: string | undefined) => text ?? '')
    .replace(/\\([\\$}])/g, '$1');
}
