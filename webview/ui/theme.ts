/** Colours for canvases, read from the editor's theme; everything else uses the variables in CSS. */
const variables = {
  background: ['--vscode-editor-background', '#1f1f1f'],
  foreground: ['--vscode-foreground', '#cccccc'],
  muted: ['--vscode-descriptionForeground', '#9d9d9d'],
  grid: ['--vscode-charts-lines', '#80808080'],
  blue: ['--vscode-charts-blue', '#3794ff'],
  orange: ['--vscode-charts-orange', '#d18616'],
  green: ['--vscode-charts-green', '#89d185'],
  purple: ['--vscode-charts-purple', '#b180d7'],
  red: ['--vscode-charts-red', '#f14c4c'],
  yellow: ['--vscode-charts-yellow', '#cca700'],
} as const;
export type ThemeColor = keyof typeof variables;
export type Theme = Record<ThemeColor, string> & { highContrast: boolean; font: string };

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colors = Object.fromEntries(
    Object.entries(variables).map(([name, [variable, fallback]]) => [
      name,
      style.getPropertyValue(variable).trim() || fallback,
    ]),
  ) as Record<ThemeColor, string>;
  const highContrast = document.body.classList.contains('vscode-high-contrast');
  if (!highContrast) colors.grid = `color-mix(in srgb, ${colors.grid} 40%, transparent)`;
  const family = style.getPropertyValue('--vscode-font-family').trim() || 'sans-serif';
  return { ...colors, highContrast, font: `11px ${family}` };
}

/** The editor changes the body's class and the variables on the root element when another theme is chosen. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
}
