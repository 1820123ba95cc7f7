import type { Config, MethodKind } from '../../protocol/config';

/** One sentence for every option that is not as published. */
export function differences<O extends object>(
  name: string,
  options: O,
  published: Partial<O>,
  source: string,
): string[] {
  return Object.entries(published).flatMap(([key, value]) => {
    const own = options[key as keyof O];
    return own === value ? [] : [`${name}: ${key} is ${own}; ${source} has ${value}.`];
  });
}

/** What the scripts of CIRKD train a method together with, and the list of methods does not have. */
export function missingCompanions(
  name: string,
  config: Pick<Config, 'methods'>,
  companions: readonly ('kd' | 'adversarial')[],
): string[] {
  const has = (...kinds: MethodKind[]) => config.methods.some(({ kind }) => kinds.includes(kind));
  const texts: string[] = [];
  // RDD brings plain KD along.
  if (companions.includes('kd') && !has('kd', 'rdd'))
    texts.push(`${name}: alone; the scripts of CIRKD add plain KD with weight 1 ({ "kind": "kd" }).`);
  if (companions.includes('adversarial') && !has('adversarial'))
    texts.push(
      `${name}: without a discriminator; the scripts of CIRKD add one with weight 0.001 ({ "kind": "adversarial" }).`,
    );
  return texts;
}
