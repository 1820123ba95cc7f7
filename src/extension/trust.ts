import { l10n, workspace } from 'vscode';

/**
 * Asked by whatever is about to start a program, after all menus and commands that ask as well: in restricted mode nothing is
 * started, however it was asked for. Errors: a workspace that is not trusted.
 */
export function requireTrust(): void {
  if (!workspace.isTrusted)
    throw new Error(
      l10n.t('This starts a program, so it needs a trusted workspace. Looking at runs works without.'),
    );
}
