/** Whether less motion is asked for: of the system, or of VS Code alone (`workbench.reduceMotion`). */
export const wantsLessMotion = (): boolean =>
  matchMedia('(prefers-reduced-motion: reduce)').matches ||
  document.body.classList.contains('vscode-reduce-motion');
