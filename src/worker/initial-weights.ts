import { resolve } from 'node:path';
import type { InitialWeights, TrainingJob } from '../distill/host';
import { openWeights } from '../nn/weights/open';
import { type Config, needsTeacher, type SegmenterConfig } from '../protocol/config';

type Initial = TrainingJob['initial'];

/**
 * Opens the weights a configuration names; headers are checked, values are read when the networks are built. What was
 * opened is closed with `closeInitialWeights`.
 * @param base the folder relative paths start from
 * Errors: checkpoint-missing, checkpoint-broken, io.
 */
export function openInitialWeights(config: Config, base: string): Initial {
  const initial: Initial = {};
  const open = (segmenter: SegmenterConfig | undefined): InitialWeights | undefined => {
    const path = segmenter?.checkpoint ?? segmenter?.init;
    if (path === undefined) return undefined;
    return { file: openWeights(resolve(base, path)), whole: segmenter?.checkpoint !== undefined };
  };
  try {
    initial.student = open(config.student);
    if (needsTeacher(config)) initial.teacher = open(config.teacher);
    return initial;
  } catch (error) {
    closeInitialWeights(initial);
    throw error;
  }
}

export function closeInitialWeights(initial: Initial): void {
  for (const weights of Object.values(initial)) weights?.file.close();
}
