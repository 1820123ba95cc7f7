import { DistillError } from '../../protocol/errors';
import { inWords } from '../networks';
import type { SegmenterSpec } from '../spec';
import type { ImportReport, ReportLine } from './match';

/**
 * What a trained network may have beside what is wanted: counters, classifiers of ImageNet, heads and losses that only train,
 * and STDC's stages, which its official code enters under two names. Anything else that is too much says that it is
 * another network: ResNet-101 holds all names of ResNet-50.
 */
const SPARE = [
  /(^|\.)num_batches_tracked$/,
  /(^|\.)(fc|auxlayer|aux_classifier|auxiliary_head|loss|criterion)\./,
  /(^|\.)cp\.backbone\.(x\d+|conv_last|bn|linear)\./,
  /(^|\.)conv_out(_sp\d+|16|32)\./,
];

/**
 * Every weight of a network is there, and nothing that says it is another network.
 * Errors: checkpoint-mismatch.
 */
export function requireWhole(report: ImportReport, spec: SegmenterSpec): void {
  const problems: string[] = [];
  const tell = (what: string, lines: readonly ReportLine[], words: (line: ReportLine) => string) => {
    if (lines.length === 0) return;
    const more = lines.length > 5 ? ` and ${lines.length - 5} more` : '';
    problems.push(`${what}: ${lines.slice(0, 5).map(words).join(', ')}${more}.`);
  };
  tell('Missing', report.missing, ({ name }) => name);
  tell(
    'Unexpected',
    report.unexpected.filter(({ name }) => !SPARE.some((spare) => spare.test(name))),
    ({ name }) => name,
  );
  tell(
    'Of another shape',
    report.otherShape,
    ({ name, found, shape }) => `${name} ${found} where [${shape}] is needed`,
  );
  if (problems.length === 0) return;
  throw new DistillError(
    'checkpoint-mismatch',
    `The weights do not fit ${inWords(spec)}. ${problems.join(' ')}`,
    {
      where: report.file,
      remedy:
        'Use a checkpoint of the network the configuration describes. Weights that fit in part can begin a training, under "init".',
    },
  );
}
