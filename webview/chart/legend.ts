import { el, setText } from '../ui/dom';
import { t } from '../ui/l10n';
import type { Line } from './lines';

/** The lines of a chart as buttons: what they look like, their value at the cursor, a click hides or shows one. */
export class ChartLegend {
  readonly root = el('div', { class: 'legend', role: 'group', 'aria-label': t('Lines') });
  readonly #values = new Map<string, HTMLElement>();
  #shape = '';

  constructor(private readonly onToggle: (id: string) => void) {}

  /** Builds anew only when other lines are there, so that focus stays where it was. */
  show(lines: readonly Line[], hidden: ReadonlySet<string>): void {
    const shape = JSON.stringify(lines.map((l) => [l.id, hidden.has(l.id)]));
    if (shape === this.#shape) return;
    this.#shape = shape;
    const focused = this.root.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset.line
      : undefined;
    this.#values.clear();
    this.root.replaceChildren(
      ...lines.map((line) => {
        const value = el('span', { class: 'legend-value' });
        this.#values.set(line.id, value);
        return el(
          'button',
          {
            class: 'legend-item',
            'data-line': line.id,
            'aria-pressed': String(!hidden.has(line.id)),
            title: t('Show or hide “{0}”', line.label),
            onclick: () => this.onToggle(line.id),
          },
          stroke(line),
          el('span', {}, line.label),
          value,
        );
      }),
    );
    if (focused) this.root.querySelector<HTMLElement>(`[data-line="${CSS.escape(focused)}"]`)?.focus();
  }

  setValue(id: string, text: string): void {
    const node = this.#values.get(id);
    if (node) setText(node, text);
  }
}

function stroke(line: Line): SVGElement {
  const ns = 'http://www.w3.org/2000/svg';
  const icon = document.createElementNS(ns, 'svg');
  icon.setAttribute('viewBox', '0 0 22 8');
  icon.setAttribute('class', 'stroke');
  icon.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(ns, 'path');
  path.setAttribute('d', 'M0 4h22');
  if (line.dash) path.setAttribute('stroke-dasharray', line.dash.join(' '));
  path.style.stroke = `var(--vscode-charts-${line.color})`;
  icon.append(path);
  return icon;
}
