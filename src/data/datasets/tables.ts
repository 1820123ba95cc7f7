/** Names separated by commas, over several lines. */
export function namesOf(text: string): string[] {
  return text.split(',').map((name) => name.trim().replace(/\s+/g, ' '));
}

/** Colours as rrggbb, separated by white space. */
export function colorsOf(text: string): [number, number, number][] {
  return text
    .trim()
    .split(/\s+/)
    .map((hex) => {
      const value = Number.parseInt(hex, 16);
      return [value >> 16, (value >> 8) & 255, value & 255];
    });
}
