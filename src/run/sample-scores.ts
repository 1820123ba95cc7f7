import type { SampleScores } from '../protocol/events';
import type { LayerContents } from './samples';

const IGNORED = 255;

/** How good and how hard one sample is, from its pictures: by this, samples are put in order. */
export function scoreSample(layers: readonly LayerContents[]): SampleScores {
  const data = (name: LayerContents['name']) => layers.find((layer) => layer.name === name)?.data;
  const [label, student, teacher, difficulty] = [
    data('label'),
    data('student'),
    data('teacher'),
    data('difficulty'),
  ];
  const scores: SampleScores = {};
  if (label && student) scores.student = meanIou(label, student);
  if (label && teacher) scores.teacher = meanIou(label, teacher);
  if (difficulty && difficulty.length > 0) {
    let sum = 0;
    for (const value of difficulty) sum += value;
    scores.difficulty = 1 - sum / difficulty.length;
  }
  if (label && student && teacher) {
    let labelled = 0;
    let differ = 0;
    for (let i = 0; i < label.length; i++)
      if (label[i] !== IGNORED) {
        labelled++;
        if (student[i] !== teacher[i]) differ++;
      }
    if (labelled > 0) scores.disagreement = differ / labelled;
  }
  return scores;
}

/** Mean IoU over the classes that occur in this one picture; undefined if nothing is labelled. */
function meanIou(label: ArrayLike<number>, predicted: ArrayLike<number>): number | undefined {
  const [hits, labels, predictions] = [0, 1, 2].map(() => new Float64Array(256)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < label.length; i++) {
    const [truth, said] = [label[i]!, predicted[i]!];
    if (truth === IGNORED) continue;
    labels[truth]!++;
    predictions[said]!++;
    if (truth === said) hits[truth]!++;
  }
  const ious: number[] = [];
  for (let id = 0; id < 256; id++) {
    const union = labels[id]! + predictions[id]! - hits[id]!;
    if (union > 0) ious.push(hits[id]! / union);
  }
  return ious.length > 0 ? ious.reduce((a, b) => a + b) / ious.length : undefined;
}
