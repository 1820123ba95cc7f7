import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type ByteSource, openBytes } from './byte-source';
import { DTYPE_BYTES, type Dtype, floatsOf } from './dtype';
import { brokenWeights } from './refusal';
import { MAX_TENSORS, type StoredTensor, type WeightFile } from './weight-file';

/**
 * The weights of a TensorFlow.js model, of the layers and of the graph format: `model.json` lists groups of tensors, each
 * group lies in files beside it, one after the other. Only the weights are read; the network is ours.
 * Source: the weights manifest of tfjs-core, src/io/types.ts.
 */
const DTYPES: Record<string, Dtype> = { float32: 'F32', int32: 'I32', bool: 'BOOL', uint8: 'U8' };

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()).max(10_000),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.int().min(0)).max(8),
        dtype: z.string(),
        quantization: z.unknown().optional(),
      }),
    ),
  }),
);
const modelSchema = z.object({ weightsManifest: manifestSchema });

/** The topology is in it as well. */
const MAX_MODEL_BYTES = 64 * 1024 * 1024;

/** Errors: checkpoint-missing, checkpoint-broken, io. */
export function openTfjs(model: ByteSource): WeightFile {
  const { where } = model;
  const manifest = readManifest(model);
  const opened: ByteSource[] = [model];
  try {
    const tensors = new Map<string, StoredTensor>();
    for (const { paths, weights } of manifest) {
      const shards = paths.map((path) => {
        const shard = openBytes(besides(where, path));
        opened.push(shard);
        return shard;
      });
      const size = shards.reduce((sum, shard) => sum + shard.size, 0);
      let at = 0;
      for (const { name, shape, dtype: written, quantization } of weights) {
        const dtype = Object.hasOwn(DTYPES, written) ? DTYPES[written]! : undefined;
        if (!dtype || quantization !== undefined)
          throw broken(
            where,
            `tensor "${name}" is ${quantization === undefined ? `of type "${written}"` : 'quantised'}, which is not read.`,
          );
        if (tensors.has(name)) throw broken(where, `it has two tensors "${name}".`);
        const length = shape.reduce((a, b) => a * b, DTYPE_BYTES[dtype]);
        if (at + length > size)
          throw broken(
            where,
            `tensor "${name}" needs bytes ${at} to ${at + length}, its files have ${size}.`,
          );
        const begin = at;
        tensors.set(name, { dtype, shape, read: () => floatsOf(dtype, acrossShards(shards, begin, length)) });
        at += length;
      }
      if (at !== size) throw broken(where, `${size - at} bytes of ${paths.join(', ')} belong to no tensor.`);
    }
    if (tensors.size > MAX_TENSORS)
      throw broken(where, `it announces ${tensors.size} tensors; ${MAX_TENSORS} are the limit.`);
    const close = () => {
      for (const source of opened) source.close();
    };
    return { where, format: 'TensorFlow.js', layout: 'tf', table: '', tensors, metadata: {}, close };
  } catch (error) {
    for (const shard of opened.slice(1)) shard.close();
    throw error;
  }
}

function readManifest(model: ByteSource): z.infer<typeof manifestSchema> {
  const { where, size } = model;
  if (size > MAX_MODEL_BYTES) throw broken(where, `it has ${size} bytes; ${MAX_MODEL_BYTES} are the limit.`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(model.read(0, size)));
  } catch (error) {
    throw broken(where, `it is not JSON (${(error as Error).message}).`);
  }
  const parsed = modelSchema.safeParse(json);
  if (!parsed.success)
    throw broken(where, `its list of weights cannot be read: ${z.prettifyError(parsed.error)}`);
  return parsed.data.weightsManifest;
}

/** Files beside the model, and nothing else: a list of strangers must not make us read other files. */
function besides(model: string, path: string): string {
  if (/^[\w-][\w.-]*$/.test(path)) return join(dirname(model), path);
  throw broken(model, `it refers to "${path}", which is not the name of a file beside it.`);
}

function acrossShards(shards: readonly ByteSource[], begin: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let shardBegin = 0;
  for (const shard of shards) {
    const from = Math.max(begin, shardBegin);
    const to = Math.min(begin + length, shardBegin + shard.size);
    if (to > from) out.set(shard.read(from - shardBegin, to - from), from - begin);
    shardBegin += shard.size;
  }
  return out;
}

function broken(where: string, what: string): Error {
  return brokenWeights(where, `This is not a whole model of TensorFlow.js: ${what}`);
}
