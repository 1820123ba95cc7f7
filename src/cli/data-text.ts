import {
  type DatasetProblemCode,
  type DatasetReport,
  hindering,
  type SplitReport,
} from '../protocol/dataset-report';
import { duration, percent, table } from './format';

const headings: Record<DatasetProblemCode, string> = {
  'dataset-pair': 'Pairs that are not complete',
  'image-unreadable': 'Files that cannot be read',
  'dataset-size': 'Sizes that differ',
  'dataset-label': 'Values that are no class ids',
  'label-without-image': 'Label maps without an image (not used)',
};

/** A report for people. @param listed problems of one kind that are named */
export function describeDataset(report: DatasetReport, listed: number): string {
  return [
    `${report.title} in ${report.folder}`,
    '',
    table(['split', 'pairs', 'release', 'usable', 'read'], report.splits.map(splitRow)),
    ...statistics(report),
    ...problems(report, listed),
    '',
    verdict(report),
  ].join('\n');
}

function splitRow({ split, pairs, official, usable, decoded }: SplitReport): string[] {
  return [split, String(pairs), official === null ? '-' : String(official), String(usable), String(decoded)];
}

function statistics({ splits, classes, full }: DatasetReport): string[] {
  const read = splits.filter(({ statistics }) => statistics.samples > 0);
  if (read.length === 0) return [];
  const width = Math.max(...read.map(({ split }) => split.length));
  const triple = (values: readonly number[] | null) => values?.map((v) => v.toFixed(2)).join(' ') ?? '-';
  const rows = read.flatMap(({ split, statistics: s }) => [
    `${split.padEnd(width)}  mean ${triple(s.mean)}   deviation ${triple(s.std)}   ignored pixels ${percent(s.ignored / s.pixels)}   sizes ${sizes(s)}`,
  ]);
  const share = (part: number, whole: number) => (whole > 0 ? percent(part / whole) : '-');
  return [
    '',
    `Measured on ${full ? 'every file' : 'the files that were read'}; mean and deviation per channel R G B, 0 to 255:`,
    ...rows,
    '',
    table(
      ['class', ...read.flatMap(({ split }) => [`${split} pixels`, `${split} images`])],
      classes.map(({ name }, id) => [
        name,
        ...read.flatMap(({ statistics: s }) => [
          share(s.classes[id]!.pixels, s.pixels - s.ignored),
          share(s.classes[id]!.samples, s.samples),
        ]),
      ]),
    ),
  ];
}

function sizes({ smallest, largest }: SplitReport['statistics']): string {
  const text = (size: readonly number[] | null) => size?.join(' x ') ?? '-';
  return text(smallest) === text(largest) ? text(smallest) : `${text(smallest)} to ${text(largest)}`;
}

function problems({ problems, counts }: DatasetReport, listed: number): string[] {
  return (Object.keys(headings) as DatasetProblemCode[]).flatMap((code) => {
    const count = counts[code] ?? 0;
    if (count === 0) return [];
    const those = problems.filter((p) => p.code === code).slice(0, listed);
    const more = count - those.length;
    return [
      '',
      `${headings[code]}: ${count}`,
      ...those.map(({ file, what }) => `  ${file}: ${what}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
    ];
  });
}

function verdict(report: DatasetReport): string {
  const count = hindering(report);
  const took = `(${duration(report.ms)})`;
  const short = report.splits.filter(
    ({ split, pairs, official }) => official !== null && pairs !== official && split !== 'test',
  );
  const release = short.map(
    ({ split, pairs, official }) => `The ${split} split has ${pairs} pairs, the release ${official}.`,
  );
  if (report.unusable) return [...release, report.unusable].join('\n');
  if (count === 0) {
    const how = report.full ? 'Every file was read' : 'No problem was found; --full reads every file';
    return [...release, `${how}. It can be used as it is. ${took}`].join('\n');
  }
  return [
    ...release,
    `${count} ${count === 1 ? 'problem' : 'problems'} ${took}. A run stops at ${count === 1 ? 'it' : 'them'}; with "onProblem": "skip" in the configuration it goes on with the ${report.splits
      .map(({ split, usable }) => `${usable} of ${split}`)
      .join(', ')}.`,
  ].join('\n');
}
