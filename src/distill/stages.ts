import { resolveSpec } from '../nn/networks';
import type { SegmenterSpec } from '../nn/spec';
import { type Config, needsTeacher, type SegmenterConfig } from '../protocol/config';
import type { Role, StageId } from '../protocol/events';

export interface StagePlan {
  stage: StageId;
  trains: Role;
  /** Optimiser steps. */
  iterations: number;
}

/**
 * The stages of a run in order. The teacher is trained first, unless no method asks for one or its trained weights are
 * given.
 */
export function planStages(config: Config): StagePlan[] {
  const { iterations, teacherIterations } = config.training;
  const student: StagePlan = { stage: 'student', trains: 'student', iterations };
  if (!needsTeacher(config) || config.teacher?.checkpoint) return [student];
  return [{ stage: 'teacher', trains: 'teacher', iterations: teacherIterations ?? iterations }, student];
}

/** Shape of a network of the run; a teacher that is not described has the shape of the student. */
export function segmenterShape(config: Config, role: Role): SegmenterConfig {
  return role === 'teacher' ? (config.teacher ?? config.student) : config.student;
}

/** Everything the networks of a run are built from. `teacherExtraChannels`: what methods add to the image (LAD: 1). */
export function segmenterSpec(
  config: Config,
  role: Role,
  classes: number,
  teacherExtraChannels: number,
): SegmenterSpec {
  const { checkpoint: _checkpoint, init: _init, ...shape } = segmenterShape(config, role);
  return resolveSpec({
    ...shape,
    classes,
    inputChannels: role === 'teacher' ? 3 + teacherExtraChannels : 3,
  });
}
