import { type ByteSource, openBytes } from './byte-source';
import { brokenWeights } from './refusal';
import { openSafetensors } from './safetensors';
import { openTfjs } from './tfjs';
import { openLegacyCheckpoint, openZipCheckpoint } from './torch/checkpoint';
import type { WeightFile } from './weight-file';

export interface OpenOptions {
  /** Where in a checkpoint of PyTorch the weights lie, if not at a usual place: `teacher`, `model.ema`. */
  key?: string | undefined;
}

/**
 * Opens a file of weights: a checkpoint of PyTorch (both formats), safetensors, or the model.json of TensorFlow.js. What it is, its
 * first bytes tell. The caller closes it.
 * Errors: checkpoint-missing, checkpoint-broken, io.
 */
export function openWeights(file: string, { key }: OpenOptions = {}): WeightFile {
  const source = openBytes(file);
  try {
    const kind = kindOf(source);
    if (key !== undefined && (kind === 'safetensors' || kind === 'tfjs'))
      throw brokenWeights(
        source.where,
        'A key was given, but only checkpoints of PyTorch hold several tables.',
        'Leave it out.',
      );
    switch (kind) {
      case 'zip':
        return openZipCheckpoint(source, key);
      case 'pickle':
        return openLegacyCheckpoint(source, key);
      case 'safetensors':
        return openSafetensors(source);
      case 'tfjs':
        return openTfjs(source);
      default:
        return kind satisfies never;
    }
  } catch (error) {
    source.close();
    throw error;
  }
}

function kindOf(source: ByteSource): 'zip' | 'pickle' | 'safetensors' | 'tfjs' {
  const { where, size } = source;
  if (size === 0) throw brokenWeights(where, 'The file is empty.');
  const start = source.read(0, Math.min(size, 512));
  const text = (at: number, length: number) =>
    new TextDecoder('latin1').decode(start.subarray(at, at + length));
  if (text(0, 2) === 'PK') return 'zip';
  if (text(257, 5) === 'ustar')
    throw brokenWeights(
      where,
      'This is a tar archive, as PyTorch wrote them before 2017.',
      'Load and save it again in Python: torch.save(torch.load(path), other).',
    );
  // The length of a header comes first in safetensors, then the header, which is JSON.
  if (text(8, 1) === '{') return 'safetensors';
  if (start[0] === 0x80 && start[1]! <= 5) return 'pickle';
  if (/^\s*\{/.test(text(0, 64))) return 'tfjs';
  throw brokenWeights(
    where,
    'This is no file of weights that is known.',
    'Give a checkpoint of PyTorch (.pth, .pt, .pkl), a .safetensors file, or the model.json of TensorFlow.js.',
  );
}
