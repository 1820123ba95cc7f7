import { z } from 'zod';

/** Fields that the methods share. */
export const weight = z.number().min(0);
export const temperature = z.number().positive();

/** KL divergences are not symmetric. */
export const direction = z
  .enum(['teacher-student', 'student-teacher'])
  .default('teacher-student')
  .describe(
    '`teacher-student`: KL(teacher || student), as in all released code. `student-teacher`: the other way, as Eq. 2 of the RDD paper is printed.',
  );

/** Layers that are trained beside the student and stay behind when it is exported. */
export const adapterLr = z
  .number()
  .positive()
  .default(1)
  .describe(
    'Learning rate of the layers that bring the student to the channels of the teacher, over `training.lr`. They are trained with the same momentum, weight decay and schedule. CIRKD scripts: 1, in one optimiser with the student.',
  );
