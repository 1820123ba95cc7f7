import type { SegmenterChoice } from '../nn/networks';
import { type Config, needsTeacher } from '../protocol/config';
import { datasetFacts } from '../protocol/datasets';
import type { Role } from '../protocol/events';

/** Of most published networks; what the embedded scenes or a folder have is not known before they are opened. */
const USUAL_CLASSES = 19;

/** The networks of a run as they are known without opening its dataset. */
export function networksOf(config: Config): { role: Role; choice: SegmenterChoice }[] {
  const classes = datasetFacts(config.dataset).classes ?? USUAL_CLASSES;
  // LAD's teacher sees the label as a fourth channel.
  const label = config.methods.some(({ kind }) => kind === 'lad') ? 1 : 0;
  const student = {
    role: 'student' as const,
    choice: { ...shape(config.student), classes, inputChannels: 3 },
  };
  if (!needsTeacher(config)) return [student];
  const teacher = shape(config.teacher ?? config.student);
  return [student, { role: 'teacher', choice: { ...teacher, classes, inputChannels: 3 + label } }];
}

function shape(network: Config['student']): Omit<SegmenterChoice, 'classes' | 'inputChannels'> {
  const { model, backbone, width, style, stem, outputStride, auxHead } = network;
  return { model, backbone, width, style, stem, outputStride, auxHead };
}
