import { resolve } from 'node:path';
import { describeNetwork, networkProblem, resolveSpec } from '../../nn/networks';
import type { SegmenterSpec } from '../../nn/spec';
import { matchWeights } from '../../nn/weights/match';
import { checkSpec, specOf } from '../../nn/weights/spec-metadata';
import { weightTargets } from '../../nn/weights/targets';
import type { WeightTable } from '../../nn/weights/weight-file';
import { requireWhole } from '../../nn/weights/whole';
import type { Config } from '../../protocol/config';
import { DistillError } from '../../protocol/errors';
import { networksOf } from '../configured-networks';
import type { ConfigEdit } from '../document/edit';
import type { Files } from './files';
import { classCount } from './missing-files';
import { error, set, warning } from './say';
import type { Finding } from './schema-findings';

/** Weights that are there and are not those of the network that is to be filled from them. */
export function fittingWeights(config: Config, base: string, files: Files): Finding[] {
  return networksOf(config).flatMap(({ role, choice }): Finding[] => {
    const network = config[role];
    const field = network?.checkpoint !== undefined ? 'checkpoint' : 'init';
    const file = network?.[field];
    if (file === undefined || networkProblem(choice)) return [];
    const path = resolve(base, file);
    const table = files.kind(path) === 'file' && !files.isLink(path) ? files.weights(path) : undefined;
    if (!table) return [];
    const at = [role, field];
    if (table instanceof DistillError) return [refused(at, table)];
    const found = saidSpec(table);
    const classes = classCount(config, base, files) ?? found?.classes;
    // The last layers of a network cannot be compared before it is known how many classes there are.
    if (classes === undefined) return [];
    const spec = resolveSpec({ ...choice, classes });
    const { report, fillings } = matchWeights(table, weightTargets(describeNetwork(spec)));
    if (field === 'init') return fillings.length > 0 ? [] : [nothingFits(at, report.unexpected[0]?.name)];
    try {
      checkSpec(table.metadata, spec, table.where);
      requireWhole(report, spec);
      return [];
    } catch (problem) {
      if (!(problem instanceof DistillError)) throw problem;
      const differ = (['model', 'backbone', 'width'] as const).filter(
        (name) => found && found[name] !== spec[name],
      );
      const describe: ConfigEdit[] = found ? differ.map((name) => set([role, name], found[name])) : [];
      return [
        refused(at, problem, ...(differ.length === 1 ? describe : []), {
          kind: 'rename',
          path: at,
          name: 'init',
        }),
      ];
    }
  });
}

function refused(
  path: (string | number)[],
  { code, message }: DistillError,
  ...fixes: ConfigEdit[]
): Finding {
  return { ...error(path, message, ...fixes), code };
}

function nothingFits(path: (string | number)[], holds: string | undefined): Finding {
  return warning(
    path,
    `Nothing in this file fits the network${holds ? `; it holds "${holds}" and the like` : ''}. Use weights of the same model or of its backbone.`,
  );
}

/** The network that a file of our own says it holds; what cannot be read there is refused with the rest. */
function saidSpec({ metadata, where }: WeightTable): SegmenterSpec | undefined {
  try {
    return specOf(metadata, where);
  } catch {
    return undefined;
  }
}
