import { networkProblem, resolveSpec } from '../../nn/networks';
import type { SegmenterSpec } from '../../nn/spec';
import { type Config, needsTeacher, type SegmenterConfig } from '../../protocol/config';
import type { Role } from '../../protocol/events';
import type { ConfigEdit } from '../document/edit';
import { error, idle, remove, set } from './say';
import type { Finding } from './schema-findings';

/** What cannot be built of the networks of a configuration, or not trained with the rest of it. */
export function networks(config: Config): Finding[] {
  const described = (['student', 'teacher'] as const).flatMap((role) => {
    const network = config[role];
    return network ? [{ role, network }] : [];
  });
  const problems = described.flatMap(({ role, network }) => unbuildable(role, network));
  if (problems.length > 0) return problems;
  const student = specOf(config.student);
  const teacher = config.teacher ? specOf(config.teacher) : student;
  const trained = needsTeacher(config) ? [student, teacher] : [student];
  return [...crop(config, trained), ...auxiliary(config, student, teacher)];
}

function unbuildable(role: Role, network: SegmenterConfig): Finding[] {
  const problem = networkProblem(network);
  if (!problem) return [];
  const { field, offered } = problem;
  const fixes = offered.map((value) =>
    value === undefined ? remove([role, field]) : set([role, field], value),
  );
  return [error([role, field], `${problem.message} ${problem.remedy}`, ...fixes)];
}

/** Classes and input channels decide nothing here. */
function specOf(network: SegmenterConfig): SegmenterSpec {
  return resolveSpec({ ...network, classes: 2, inputChannels: 3 });
}

function crop({ training }: Config, specs: readonly SegmenterSpec[]): Finding[] {
  const stride = Math.max(...specs.map(({ outputStride }) => outputStride));
  return training.crop.flatMap((size, i): Finding[] => {
    if (size % stride === 0) return [];
    const below = size - (size % stride);
    const near = [below, below + stride].filter((fitting) => fitting >= 16);
    return [
      error(
        ['training', 'crop', i],
        `The ${i === 0 ? 'height' : 'width'} of the crop, ${size}, does not divide by the output stride ${stride}. ` +
          `Use ${near.join(' or ')}.`,
        ...near.map((fitting) => set(['training', 'crop', i], fitting)),
      ),
    ];
  });
}

function auxiliary(config: Config, student: SegmenterSpec, teacher: SegmenterSpec): Finding[] {
  const found: Finding[] = [];
  config.methods.forEach((method, i) => {
    if (method.kind !== 'rdd' || teacher.auxHead) return;
    if (method.stages === 'tse' && !student.auxHead) return;
    const how =
      method.stages === 'tse'
        ? 'Leave the auxiliary head of the student out too ("auxHead": false), or give the teacher one.'
        : 'Give the teacher one ("auxHead": true, on a backbone that has it), or use "stages": "tse" and a student without.';
    const fixes: ConfigEdit[] = [];
    for (const role of config.teacher ? (['teacher'] as const) : (['student'] as const))
      if (config[role] && !networkProblem({ ...config[role], auxHead: true }))
        fixes.push(set([role, 'auxHead'], true));
    if (!student.auxHead) fixes.push(set(['methods', i, 'stages'], 'tse'));
    found.push(
      error(
        ['methods', i],
        `"rdd" compares the two heads of the teacher, and the teacher ${teacher.model}-${teacher.backbone} has no auxiliary head. ${how}`,
        ...fixes,
      ),
    );
  });
  const trained = needsTeacher(config) ? [student, teacher] : [student];
  if (config.training.auxWeight !== undefined && trained.every(({ auxHead }) => !auxHead))
    found.push(
      idle(
        ['training', 'auxWeight'],
        '"auxWeight" has no effect: no network of this run has an auxiliary head. Remove it.',
      ),
    );
  return found;
}
