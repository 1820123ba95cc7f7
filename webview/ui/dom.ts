type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

/**
 * Makes an element. Keys that start with `on` are listeners (`onclick`), `true` sets an empty attribute, `false` and
 * undefined none. Text is always text: nothing here parses HTML.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string | null | undefined)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value as EventListener);
    else if (value !== undefined && value !== false)
      node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

/** Sets text only where it differs, so that live regions and selections are left in peace. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** A small filled square in the colour of a class or category. */
export function swatch(color: string): HTMLElement {
  const node = el('span', { class: 'swatch', 'aria-hidden': 'true' });
  node.style.backgroundColor = color;
  return node;
}

/** Runs `work` in the next frame, however often it is asked for; with a gap in ms, no more often than that. */
export function perFrame(work: () => void, gap = 0): () => void {
  let asked = false;
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (asked) return;
    asked = true;
    const run = () => {
      asked = false;
      last = performance.now();
      work();
    };
    const wait = last + gap - performance.now();
    if (wait > 0) setTimeout(() => requestAnimationFrame(run), wait);
    else requestAnimationFrame(run);
  };
}
