import type { TextEdit } from '../document/edit';

/** Something that can be put where the cursor is. */
export interface Proposal {
  /** `start`: a whole configuration or method to begin with. */
  kind: 'field' | 'value' | 'schedule' | 'method' | 'start';
  label: string;
  detail?: string;
  /** Markdown. */
  documentation?: string;
  /** In the syntax of snippets, in place of the cursor's `replace`. */
  insert: string;
  /** Elsewhere in the text. */
  more?: TextEdit[];
  /** What comes next is chosen from a list as well. */
  goesOn?: boolean;
  isDefault?: boolean;
}
