import {
  type Button,
  type Checkbox,
  type Dropdown,
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
} from '@vscode/webview-ui-toolkit';
import { el } from './dom';

/**
 * The only door to the toolkit, which is no longer developed: whoever replaces it rewrites this file. Registering by
 * component keeps the others out of the bundle.
 */
provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption());

export interface ButtonOptions {
  appearance?: 'primary' | 'secondary';
  title?: string;
  onClick(): void;
}

export function button(label: string, options: ButtonOptions): HTMLElement {
  const node = document.createElement('vscode-button') as Button;
  node.setAttribute('appearance', options.appearance ?? 'secondary');
  node.textContent = label;
  if (options.title) node.title = options.title;
  node.addEventListener('click', options.onClick);
  return node;
}

/** A checkbox that says what it is now and tells every change. */
export function checkbox(
  label: string,
  checked: boolean,
  onChange: (checked: boolean) => void,
  title?: string,
): HTMLElement & { checked: boolean } {
  const node = document.createElement('vscode-checkbox') as Checkbox;
  node.textContent = label;
  node.checked = checked;
  if (title) node.title = title;
  node.addEventListener('change', () => onChange(node.checked));
  return node;
}

export interface Choice {
  value: string;
  label: string;
}

/** A drop-down list with a visible label in front of it. */
export function dropdown(
  label: string,
  choices: readonly Choice[],
  value: string,
  onChange: (value: string) => void,
): HTMLElement {
  const node = document.createElement('vscode-dropdown') as Dropdown;
  node.setAttribute('aria-label', label);
  for (const choice of choices) {
    const option = document.createElement('vscode-option') as HTMLElement & {
      value: string;
      selected: boolean;
    };
    option.setAttribute('value', choice.value);
    option.textContent = choice.label;
    if (choice.value === value) option.setAttribute('selected', '');
    node.append(option);
  }
  node.addEventListener('change', () => onChange(node.value));
  return el(
    'span',
    { class: 'field' },
    el('span', { class: 'field-label', 'aria-hidden': 'true' }, label),
    node,
  );
}
