import type { ImportReport, ReportLine } from './match';

/** Names of a group that a terminal shows. */
const NAMED = 8;

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
 * A report for people. Lines about which the same was done stand together.
 * @param all every weight is named; else what was loaded is counted, of the rest so many are named as a terminal shows
 */
export function reportText(report: ImportReport, all = false): string {
  const { file, format, table, names } = report;
  const limit = all ? Number.POSITIVE_INFINITY : NAMED;
  const groups = [
    // What went well needs no names, unless they are asked for.
    ...(all ? grouped('loaded', report.loaded, limit) : []),
    ...grouped('of another shape', report.otherShape, limit),
    ...grouped('missing', report.missing, limit),
    ...grouped('unexpected', report.unexpected, limit),
  ];
  return [
    `${file}: ${format}${table ? `, the weights under "${table}"` : ''}`,
    ...(names ? [`Names: ${names}`] : []),
    countsInWords(report),
    ...groups,
  ].join('\n');
}

function grouped(title: string, lines: readonly ReportLine[], limit: number): string[] {
  const byDone = new Map<string, ReportLine[]>();
  for (const line of lines) byDone.set(line.done, [...(byDone.get(line.done) ?? []), line]);
  return [...byDone].flatMap(([done, same]) => {
    const head = done === title ? `${same.length} ${title}` : `${same.length} ${title}, ${done}`;
    const shown = same.slice(0, limit).map((line) => `  ${words(line)}`);
    const more = same.length - shown.length;
    return ['', head, ...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
  });
}

function words({ name, shape, from, found }: ReportLine): string {
  const source = from === undefined || from === name ? '' : `, from ${from}`;
  return `${name} [${shape}]${source}${found === undefined ? '' : `, in the file ${found}`}`;
}
