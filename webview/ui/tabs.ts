import { el } from './dom';

export interface Tabs<Id extends string> {
  root: HTMLElement;
  show(id: Id): void;
}

/**
 * Tabs as ARIA describes them: arrows move, Home and End jump, one tab stop. Tells the id of every tab that is shown.
 * @param labels by id, in their order
 * @param active the first is shown where it is none of them
 */
export function tabs<Id extends string>(
  label: string,
  labels: Readonly<Record<Id, string>>,
  panels: Readonly<Record<Id, { readonly root: HTMLElement }>>,
  active: Id,
  onShow: (id: Id) => void,
): Tabs<Id> {
  const all = (Object.keys(labels) as Id[]).map((id) => ({ id, label: labels[id], panel: panels[id].root }));
  const first = all.some((t) => t.id === active) ? active : all[0]!.id;
  const heads = all.map((tab) =>
    el(
      'button',
      {
        role: 'tab',
        id: `tab-${tab.id}`,
        'aria-controls': `panel-${tab.id}`,
        class: 'tab',
        onclick: () => show(tab.id),
      },
      tab.label,
    ),
  );
  const list = el('div', { role: 'tablist', 'aria-label': label, class: 'tabs', onkeydown: onKey }, ...heads);
  for (const tab of all) {
    tab.panel.id = `panel-${tab.id}`;
    tab.panel.setAttribute('role', 'tabpanel');
    tab.panel.setAttribute('aria-labelledby', `tab-${tab.id}`);
  }

  function show(id: Id): void {
    all.forEach((tab, i) => {
      const shown = tab.id === id;
      heads[i]!.setAttribute('aria-selected', String(shown));
      heads[i]!.tabIndex = shown ? 0 : -1;
      tab.panel.hidden = !shown;
    });
    onShow(id);
  }

  function onKey(event: KeyboardEvent): void {
    const at = heads.findIndex((h) => h.getAttribute('aria-selected') === 'true');
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + all.length) % all.length;
    show(all[next]!.id);
    heads[next]!.focus();
  }

  show(first);
  return { root: el('div', { class: 'tabbed' }, list, ...all.map((t) => t.panel)), show };
}
