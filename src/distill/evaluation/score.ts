import type { Dataset, Split } from '../../data/dataset';
import { emptySplit, loadUsable } from '../../data/file-dataset';
import { normalise } from '../../data/normalise';
import type { Engine } from '../../engine/engine';
import type { Segmenter } from '../../nn/segmenter';
import type { PixelStyle } from '../../protocol/config-augment';
import { ConfusionMatrix, type Scores } from '../metrics';
import { BoundaryScore } from './boundary';
import { CalibrationError } from './calibration';
import { decide, type Inference, inferPixels } from './inference';

export interface DatasetScores extends Scores {
  images: number;
  boundary: ReturnType<BoundaryScore['scores']>;
  calibration: ReturnType<CalibrationError['scores']>;
  /** Row-major C x C, row = label. */
  confusion: number[];
}

export interface ScoringOptions {
  engine: Engine;
  network: Segmenter;
  inference: Inference;
  /** How images become numbers; `caffe` by default. */
  pixels?: PixelStyle;
  split: Split;
  /** The first n images only. */
  limit?: number | undefined;
  onImage?: (done: number, of: number) => void;
}

/**
 * Scores a network that sees images alone on a split: everything from one count matrix, but for boundaries and
 * confidences, which need the pictures. Pixels to ignore count nowhere.
 * Errors: dataset-empty; those of `Dataset.load` under `onProblem: stop`.
 */
export async function scoreDataset(dataset: Dataset, options: ScoringOptions): Promise<DatasetScores> {
  const { engine, network, inference, pixels, split, limit, onImage } = options;
  const count = Math.min(limit ?? Number.POSITIVE_INFINITY, dataset.ids(split).length);
  const classes = dataset.classes.length;
  const matrix = new ConfusionMatrix(classes);
  const boundary = new BoundaryScore(classes);
  const calibration = new CalibrationError();
  let images = 0;
  for (let i = 0; i < count; i++) {
    const sample = await loadUsable(dataset, split, i);
    if (!sample) continue;
    const { width, height } = sample.image;
    const { classes: ids, confidence } = engine.tf.tidy(() => {
      const input = engine.tf.tensor4d(normalise(sample.image, pixels), [1, height, width, 3]);
      return decide(engine, inferPixels(engine, network, input, inference), inference);
    });
    const [prediction, certainty] = [await ids.data<'int32'>(), await confidence.data<'float32'>()];
    engine.tf.dispose([ids, confidence]);
    matrix.add(prediction, sample.label.data);
    boundary.add(prediction, sample.label.data, height, width);
    calibration.add(prediction, certainty, sample.label.data);
    images++;
    onImage?.(i + 1, count);
  }
  if (images === 0) throw emptySplit(dataset.root, split);
  return {
    ...matrix.scores(),
    images,
    boundary: boundary.scores(),
    calibration: calibration.scores(),
    confusion: Array.from(matrix.counts),
  };
}
