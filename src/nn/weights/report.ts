import type { ImportReport, ReportLine } from './match';

type Lists = Pick<ImportReport, 'loaded' | 'missing' | 'unexpected' | 'otherShape'>;

/** `120 loaded, 3 missing, 2 unexpected, 1 of another shape`; what is zero is left out, but for the first. */
export function countsInWords({ loaded, missing, unexpected, otherShape }: Lists): string {
  return [
    `${loaded.length} loaded`,
    ...(missing.length ? [`${missing.length} missing`] : []),
    ...(unexpected.length ? [`${unexpected.length} unexpected`] : []),
    ...(otherShape.length ? [`${otherShape.length} of another shape`] : []),
  ].join(', ');
}

/**
 * A report for a terminal. Lines about which the same was done stand together.
 * @param limit names per group; the rest is counted
 */
export function reportText(report: ImportReport, limit = 8): string {
  const { file, format, table, names } = report;
  const groups = [
    ...grouped('loaded', report.loaded, limit, ({ name }) => name),
    ...grouped('missing', report.missing, limit, ({ name, shape }) => `${name} [${shape}]`),
    ...grouped('unexpected', report.unexpected, limit, ({ name, shape }) => `${name} [${shape}]`),
    ...grouped(
      'of another shape',
      report.otherShape,
      limit,
      ({ name, shape, found }) => `${name} [${shape}], in the file ${found}`,
    ),
  ];
  return [
    `${file}: ${format}${table ? `, the weights under "${table}"` : ''}`,
    ...(names ? [`Names: ${names}`] : []),
    countsInWords(report),
    ...groups,
  ].join('\n');
}

function grouped(
  title: string,
  lines: readonly ReportLine[],
  limit: number,
  words: (line: ReportLine) => string,
): string[] {
  const byDone = new Map<string, ReportLine[]>();
  for (const line of lines) byDone.set(line.done, [...(byDone.get(line.done) ?? []), line]);
  return [...byDone].flatMap(([done, same]) => {
    const head = done === title ? `${same.length} ${title}` : `${same.length} ${title}, ${done}`;
    // What went well needs no names.
    if (done === 'loaded') return [];
    const shown = same.slice(0, limit).map((line) => `  ${words(line)}`);
    const more = same.length - shown.length;
    return ['', head, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
  });
}
