import type { ClassInfo, Dataset, Sample, Split } from '../../src/data/dataset';

/** A dataset of samples that lie in memory. */
export function memoryDataset(
  name: string,
  classes: ClassInfo[],
  samples: Readonly<Partial<Record<Split, readonly Sample[]>>>,
): Dataset {
  return {
    name,
    root: 'memory',
    classes,
    ids: (split) => samples[split]?.map(({ id }) => id) ?? [],
    load: async (split, index) => samples[split]![index]!,
    leavesOut: () => false,
    leaveOut: () => false,
    skipped: [],
    warnings: [],
  };
}

/** Classes that are told apart by number alone. */
export function numberedClasses(count: number): ClassInfo[] {
  return Array.from({ length: count }, (_, i) => ({ name: `class ${i}`, color: [i, i, i] }));
}
