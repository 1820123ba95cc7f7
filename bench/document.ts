import { type GroupedProfile, TITLES } from './profile-groups';
import { bestFormat, type Detail, rowOf, spread } from './results';
import { type RowPlan, rows } from './rows';

/**
 * The text with what stands between the markers of a section replaced. Errors: it has not exactly these two markers, in
 * order.
 */
export function withSection(
  text: string,
  section: 'results' | 'profiles' | 'input' | 'studio',
  content: string,
): string {
  const opening = `<!-- ${section}: written by npm run bench -->`;
  const closing = `<!-- end of ${section} -->`;
  const begin = text.indexOf(opening);
  const end = text.indexOf(closing);
  const twice = text.indexOf(opening, begin + 1) >= 0 || text.indexOf(closing, end + 1) >= 0;
  if (begin < 0 || end < begin || twice)
    throw new Error(`The tables belong between one "${opening}" and one "${closing}".`);
  return `${text.slice(0, begin + opening.length)}\n\n${content.trim()}\n\n${text.slice(end)}`;
}

/** Where the time of a step goes on both sides, as Markdown. */
export function profilesMarkdown(profiles: readonly GroupedProfile[]): string {
  const cells = (groups: GroupedProfile['ours']) => TITLES.map((title) => (groups[title] ?? 0).toFixed(0));
  return table(
    ['row', 'engine', 'side', ...TITLES],
    profiles.flatMap(({ name, engine, ours, pytorch }) => [
      [`\`${name}\``, engine, 'ours', ...cells(ours)],
      ['', '', 'PyTorch', ...cells(pytorch)],
    ]),
  ).join('\n');
}

/** Results as Markdown: ratios, how they came about, and on what. */
export function resultsMarkdown(details: readonly Detail[]): string {
  const known = details.flatMap((detail) => {
    const plan = rows.find(({ name, engine }) => name === detail.name && engine === detail.engine);
    return plan ? [{ detail, plan }] : [];
  });
  return [
    ...table(
      ['row', 'engine', 'ours', 'PyTorch', 'ratio', 'target', ''],
      known.map(({ detail, plan }) => summary(detail, plan)),
    ),
    '',
    ...known.map(({ plan }) => plan).map(({ name, engine, what }) => `- \`${name}\` (${engine}): ${what}.`),
    '',
    'Spread (first to third quartile), and what the processor could do at best:',
    '',
    ...table(
      [
        'row',
        'engine',
        'runs',
        'ours',
        'PyTorch',
        'PyTorch in the other format',
        'Gflop',
        'at sgemm speed',
        'losses agree to',
      ],
      known.map(({ detail, plan }) => circumstances(detail, plan)),
    ),
    '',
    ...environments(details),
  ].join('\n');
}

/** A table for the terminal and for Markdown alike. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(title.length, 3, ...body.map((cells) => cells[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)];
}

export function summary(detail: Detail, { name, engine, target, measures }: RowPlan): string[] {
  const row = rowOf(detail);
  const amount = inUnits(measures);
  return [
    `\`${name}\``,
    engine,
    amount(row.ours_ms),
    amount(row.pytorch_ms),
    row.ratio.toFixed(2),
    `<= ${target.toFixed(2)}`,
    row.ratio <= target ? 'met' : 'not met',
  ];
}

function circumstances(detail: Detail, { name, engine, measures }: RowPlan): string[] {
  const amount = inUnits(measures);
  const range = (values: readonly number[]) => spread(values).map(amount).join(' - ');
  const best = bestFormat(detail.pytorch);
  const others = Object.entries(detail.pytorch).filter(([format]) => format !== best);
  return [
    `\`${name}\``,
    engine,
    `${detail.ours.length}`,
    range(detail.ours),
    `${range(detail.pytorch[best]!)} (${best})`,
    others.map(([format, values]) => `${range(values)} (${format})`).join(', '),
    measures === 'time' ? `${Math.round(detail.gflop)}` : '',
    measures === 'time' ? amount((1000 * detail.gflop) / detail.sgemm) : '',
    detail.agreement.toExponential(0),
  ];
}

function inUnits(measures: RowPlan['measures']): (value: number) => string {
  return measures === 'memory' ? (value) => `${value.toFixed(0)} MiB` : (value) => `${value.toFixed(0)} ms`;
}

/** Machine and versions, once for all rows that share them. */
function environments(details: readonly Detail[]): string[] {
  const rowsBy = new Map<string, string[]>();
  for (const { name, engine, machine, versions, sgemm } of details) {
    const text = `${machine}. ${Object.entries(versions)
      .map(([what, version]) => `${what} ${version}`)
      .join(', ')}.`;
    const before = rowsBy.get(text) ?? [];
    const speed = sgemm > 0 ? `, sgemm ${Math.round(sgemm)} Gflop/s` : '';
    rowsBy.set(text, [...before, `\`${name}\` (${engine}${speed})`]);
  }
  return [...rowsBy].map(([text, names]) => `- ${names.join(', ')}: ${text}`);
}
