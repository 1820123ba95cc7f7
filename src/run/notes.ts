import { join } from 'node:path';
import { type RunNotes, runNotesSchema } from '../protocol/run';
import { runFiles } from './run-folder';
import { changeUserFile, readUserFile } from './user-file';

const none: RunNotes = { version: 1, starred: false, archived: false, text: '' };

/** What a user noted about a run. A file that cannot be understood hides nothing else of the run: it counts as empty. */
export function readNotes(folder: string): RunNotes {
  return readUserFile(join(folder, runFiles.notes), () => runNotesSchema) ?? none;
}

/** Changes some of the notes and keeps the others. Errors: disk-full, io. */
export function updateNotes(folder: string, change: Partial<Omit<RunNotes, 'version'>>): RunNotes {
  return changeUserFile(join(folder, runFiles.notes), runNotesSchema, (before) => ({
    ...none,
    ...before,
    ...change,
  }));
}
