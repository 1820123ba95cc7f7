import { bytesText } from '../engine/install/progress';
import type { DoctorReport, EngineReport, SetUpChoice } from '../protocol/doctor';
import { table } from './format';

/** What `distill doctor` prints for people. */
export function describeReport({ engines, auto, why, tensorflow }: DoctorReport): string {
  const rows = engines.map((report) => [report.name, ...cells(report), report.name === auto ? 'used' : '']);
  const header = ['engine', 'state', 'device', 'self-test', 'convolution speed', 'auto'];
  const from = tensorflow
    ? `TensorFlow ${tensorflow.version} comes from ${tensorflow.origin} (${tensorflow.source}).`
    : '';
  return [
    table(header, rows),
    '',
    ...engines.map(details),
    ...(from ? ['', from] : []),
    ...why.filter(
      (line) => !engines.some((report) => line.startsWith(`${report.name}: `) && !report.available),
    ),
    ...(auto === null ? ['', 'No engine can compute here.'] : []),
  ].join('\n');
}

function cells(report: EngineReport): string[] {
  if (!report.available) return ['not available', '-', '-', '-'];
  const { failures, description, gflops, disturbed } = report;
  return [
    failures.length === 0 ? 'available' : 'wrong results',
    description.device.toUpperCase(),
    failures.length === 0 ? 'passed' : `failed: ${failures.join(', ')}`,
    `${gflops.toFixed(0)} GFLOP/s${disturbed ? ' or more (the machine was busy)' : ''}`,
  ];
}

function details(report: EngineReport): string {
  if (!report.available) return `${report.name}: ${report.reason}`;
  const { summary, versions } = report.description;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${report.name}: ${summary} (${list.join(', ')})`;
}

/** What `distill doctor --sources` prints for people. */
export function describeChoices(choices: readonly SetUpChoice[]): string {
  return choices
    .map((choice) => {
      const sizes = [
        choice.download > 0 ? `download ${bytesText(choice.download)}` : 'no download',
        ...(choice.disk > 0 ? [`disk ${bytesText(choice.disk)}`] : []),
        choice.time,
      ].join(', ');
      return [
        `${choice.title} (--install ${choice.engine}${optionsOf(choice)})`,
        `  ${sizes}. ${choice.needs}`,
        ...(choice.refused ? [`  Not here: ${choice.refused}`] : []),
      ].join('\n');
    })
    .join('\n');
}

function optionsOf({ engine, source, gpu }: SetUpChoice): string {
  return engine === 'tensorflow' ? ` --from ${source}${gpu ? ' --gpu' : ''}` : '';
}
