import { type Config, needsTeacher } from '../../protocol/config';
import { adversarial } from './adversarial';
import { methodOptions } from './methods';
import { networks } from './networks';
import { error, idle, remove, set } from './say';
import type { Finding } from './schema-findings';
import { taskLoss } from './task-loss';

/**
 * Fields that are fine alone and cannot work, or do nothing, together.
 * @param written the configuration as the user wrote it, to tell a choice from a default
 */
export function contradictions(config: Config, written: unknown): Finding[] {
  return [
    ...networks(config),
    ...batch(config),
    ...methods(config, written),
    ...teacher(config),
    ...weights(config),
    ...taskLoss(config, written),
    ...adversarial(config),
    ...methodOptions(config, written),
  ];
}

/** Both heads normalise the mean of a whole image over the batch: with one image nothing is left to normalise. */
function batch({ training }: Config): Finding[] {
  if (training.batch > 1) return [];
  return [
    error(
      ['training', 'batch'],
      'A batch of 1 cannot train: the heads pool each image to one value and normalise it over the batch. Use 2 or more.',
      set(['training', 'batch'], 2),
    ),
  ];
}

function methods(config: Config, written: unknown): Finding[] {
  const found: Finding[] = [];
  config.methods.forEach((method, i) => {
    const first = config.methods.findIndex(({ kind }) => kind === method.kind);
    if (first < i)
      found.push(
        error(
          ['methods', i, 'kind'],
          `"${method.kind}" is listed twice (first as entry ${first + 1}). Keep one of them; weights can be raised instead.`,
          remove(['methods', i]),
        ),
      );
    if (method.kind !== 'rdd') return;
    const asWritten = (written as { methods?: Record<string, unknown>[] }).methods?.[i] ?? {};
    if (method.stages !== 'both')
      for (const field of ['warmup', 'handover'] as const)
        if (field in asWritten)
          found.push(
            idle(
              ['methods', i, field],
              `"${field}" has no effect with "stages": "${method.stages}", which never switches. Remove it, or use "stages": "both".`,
            ),
          );
    const unused = method.stages === 'tfe' ? 'tse' : method.stages === 'tse' ? 'tfe' : undefined;
    if (unused && unused in asWritten)
      found.push(
        idle(
          ['methods', i, unused],
          `"${unused}" has no effect with "stages": "${method.stages}". Remove it, or use "stages": "both".`,
        ),
      );
  });
  return found;
}

/** A network begins from one file. */
function weights(config: Config): Finding[] {
  return (['student', 'teacher'] as const).flatMap((role): Finding[] => {
    const { checkpoint, init } = config[role] ?? {};
    if (checkpoint === undefined || init === undefined) return [];
    return [
      error(
        [role, 'init'],
        'The weights come from "checkpoint", so "init" would do nothing. Keep one: "checkpoint" for trained weights of the whole network, "init" for a beginning.',
        remove([role, 'init']),
        remove([role, 'checkpoint']),
      ),
    ];
  });
}

function teacher(config: Config): Finding[] {
  if (needsTeacher(config)) return [];
  const found: Finding[] = [];
  if (config.teacher)
    found.push(
      idle(
        ['teacher'],
        'No method uses a teacher: "methods" is empty, so the student is trained alone. Add a method, or remove "teacher".',
      ),
    );
  if (config.training.teacherIterations !== undefined)
    found.push(
      idle(
        ['training', 'teacherIterations'],
        'No method uses a teacher, so there is no teacher stage. Add a method, or remove "teacherIterations".',
      ),
    );
  return found;
}
