import { type Disposable, workspace } from 'vscode';
import { settings } from '../settings';
import { distinctColors } from './distinct-colors';

interface ClassColor {
  name: string;
  color: [number, number, number];
}

/** The classes of a dataset in the colours that the user wants to see them in. */
export function inWantedColors<C extends ClassColor>(classes: readonly C[]): C[] {
  if (settings.classColors === 'dataset') return [...classes];
  const colors = distinctColors(classes.length);
  return classes.map((info, id) => ({ ...info, color: colors[id]! }));
}

export function onDidChangeClassColors(changed: () => void): Disposable {
  return workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('distillation.classColors')) changed();
  });
}
