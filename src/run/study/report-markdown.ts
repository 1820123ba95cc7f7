import type { Interval, StudyArmResult, StudyReport } from '../../protocol/study';
import { meanCost, minutes, points, pointsInterval, scoreInWords } from './words';

/** The results of a study as Markdown tables, to be pasted into a paper's notes or a pull request. */
export function studyMarkdown(report: StudyReport): string {
  const lines = [
    `# ${report.name}`,
    '',
    ...(report.about ? [report.about, ''] : []),
    `${report.finished} of ${report.planned} runs finished; seeds ${report.seeds.join(', ')}. ${scoreInWords(report)}`,
    '',
    `| arm | mIoU | by seed | difference to ${cell(report.reference)} | bootstrap 95 % | t 95 % | teacher | training |`,
    '|---|---:|---|---:|---:|---:|---:|---:|',
    ...report.arms.map((arm) => row(arm)),
    '',
    ...classTable(report),
    ...deviations(report),
    '## Computed by',
    '',
    ...report.machines.map((machine) => `- ${machine}`),
    '',
  ];
  return lines.join('\n');
}

function row(arm: StudyArmResult): string {
  const { difference: d, mean, sd } = arm;
  const interval = (i: Interval | undefined) => (i ? pointsInterval(i) : '');
  const teachers = arm.runs.flatMap(({ teacherMiou }) => teacherMiou ?? []);
  const cells = [
    cell(arm.name),
    mean === undefined ? 'not yet' : `${points(mean)}${sd === undefined ? '' : ` ± ${points(sd)}`}`,
    arm.runs.map(({ status, miou }) => (status === 'finished' ? points(miou!) : '–')).join(', '),
    d ? points(d.mean, true) : '',
    interval(d?.bootstrap),
    interval(d?.student),
    arm.teacher !== undefined
      ? `of ${cell(arm.teacher)}`
      : teachers.length > 0
        ? points(teachers.reduce((a, b) => a + b) / teachers.length)
        : '',
    minutes(meanCost(arm).seconds),
  ];
  return `| ${cells.join(' | ')} |`;
}

function classTable({ arms, classes, reference }: StudyReport): string[] {
  const shown = arms.filter(({ difference }) => difference);
  if (shown.length === 0 || classes.length === 0) return [];
  return [
    `## IoU per class, difference to ${reference} in points`,
    '',
    `| class | ${shown.map(({ name }) => cell(name)).join(' | ')} |`,
    `|---|${shown.map(() => '---:|').join('')}`,
    ...classes.map(
      ({ name }, id) =>
        `| ${cell(name)} | ${shown
          .map(({ difference }) => {
            const value = difference!.iou[id];
            return typeof value === 'number' ? points(value, true) : '–';
          })
          .join(' | ')} |`,
    ),
    '',
  ];
}

function deviations({ arms }: StudyReport): string[] {
  const differing = arms.filter((arm) => arm.deviations.length > 0);
  if (differing.length === 0) return [];
  return [
    '## Differs from the published settings',
    '',
    ...differing.flatMap((arm) => [`- ${arm.name}`, ...arm.deviations.map((text) => `  - ${text}`)]),
    '',
  ];
}

/** Names come from files: a bar would break the table. */
function cell(text: string): string {
  return text.replace(/[\\|<>*_`[\]]/g, (c) => `\\${c}`);
}
