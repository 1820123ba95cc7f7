import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';
import { refuse } from '../ops/check';
import type { DawnBackend } from './backend';

/** A compute shader of our own: what it reads and writes, and how its text is made. */
export interface Shader {
  /** Tells variants apart: two shaders of the same name have the same text. */
  name: string;
  /** Storage arrays by their name in the text, with WGSL's element type. */
  inputs: Record<string, 'f32' | 'i32' | 'vec4f'>;
  outputs: Record<string, 'f32' | 'vec4f'>;
  /** Numbers that may differ from call to call, as fields of `p`. */
  params: Record<string, 'u32' | 'i32' | 'f32'>;
  /** Declarations and an entry point `main`. */
  code: () => string;
}

export interface Dispatch {
  /** In the order of `Shader.inputs`; buffers for data that is no tensor. */
  inputs: ReadonlyArray<Tensor | GPUBuffer>;
  outputs: readonly Tensor[];
  params: readonly number[];
  workgroups: readonly [number, number?, number?];
}

interface Compiled {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** Of the parameters, in order. */
  types: string[];
}

/** As many sets of numbers are kept on the device as a training of some networks needs. */
const PARAMETER_SETS = 4096;
/** Threads of the shaders that give each value a thread. */
export const FLAT = 256;

/**
 * Runs our own shaders between those of the backend: the same command encoder, the same buffers, so that everything
 * happens in the order of the calls.
 */
export class Gpu {
  readonly #tf: Tf;
  readonly #backend: DawnBackend;
  readonly #compiled = new Map<string, Compiled>();
  readonly #parameters = new Map<string, GPUBuffer>();

  /** Asking the device takes as long as recording a call. */
  readonly #mostWorkgroups: number;

  constructor(tf: Tf, backend: DawnBackend) {
    this.#tf = tf;
    this.#backend = backend;
    this.#mostWorkgroups = backend.device.limits.maxComputeWorkgroupsPerDimension;
  }

  /** A new tensor with undefined contents, in the current scope. */
  alloc<T extends Tensor>(shape: number[], dtype: DataType = 'float32'): T {
    const info = this.#backend.makeTensorInfo(shape, dtype);
    return this.#tf.engine().makeTensorFromTensorInfo(info, this.#backend) as T;
  }

  /** Data that stays on the device as long as someone holds it; it counts as no tensor. */
  constant(values: Int32Array | Float32Array): GPUBuffer {
    const buffer = this.#backend.device.createBuffer({
      size: Math.max(4, values.byteLength),
      usage: GPUBufferUsage.STORAGE,
      mappedAtCreation: true,
    });
    const target = buffer.getMappedRange();
    if (values instanceof Int32Array) new Int32Array(target, 0, values.length).set(values);
    else new Float32Array(target, 0, values.length).set(values);
    buffer.unmap();
    return buffer;
  }

  /** Values of an int32 tensor that came from this process; null if they were computed on the device. */
  hostValues(tensor: Tensor): Int32Array | null {
    return this.#backend.hostValues(tensor.dataId);
  }

  run(shader: Shader, { inputs, outputs, params, workgroups }: Dispatch): void {
    const { device } = this.#backend;
    const [x, y = 1, z = 1] = workgroups;
    if (Math.max(x, y, z) > this.#mostWorkgroups)
      refuse(
        shader.name,
        `[${outputs[0]?.shape}] is too large for this GPU`,
        'Use smaller images, crops or batches.',
      );
    const { pipeline, layout, types } = this.#compile(shader);
    const buffers = [...inputs, ...outputs].map((t) =>
      t instanceof GPUBuffer ? t : this.#backend.bufferOf(t),
    );
    if (params.length > 0) buffers.push(this.#parameterBuffer(types, params));
    const bindGroup = device.createBindGroup({
      layout,
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    this.#backend.record([...inputs, ...outputs], (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(x, y, z);
    });
  }

  /** A shader with one thread of `FLAT` for each of `count` items, however many workgroups that takes. */
  runFlat(shader: Shader, count: number, dispatch: Omit<Dispatch, 'workgroups'>): void {
    const groups = Math.ceil(count / FLAT);
    const rows = Math.ceil(groups / this.#mostWorkgroups);
    this.run(shader, { ...dispatch, workgroups: [Math.ceil(groups / rows), rows] });
  }

  #compile(shader: Shader): Compiled {
    let compiled = this.#compiled.get(shader.name);
    if (!compiled) {
      const { device } = this.#backend;
      const module = device.createShaderModule({
        label: shader.name,
        code: declarations(shader) + shader.code(),
      });
      const pipeline = device.createComputePipeline({
        label: shader.name,
        layout: 'auto',
        compute: { module },
      });
      compiled = { pipeline, layout: pipeline.getBindGroupLayout(0), types: Object.values(shader.params) };
      this.#compiled.set(shader.name, compiled);
    }
    return compiled;
  }

  /** The same few sets come back in every step; a set that is forgotten lives on until the work in flight is done. */
  #parameterBuffer(types: readonly string[], values: readonly number[]): GPUBuffer {
    const key = `${types.join()} ${values.join()}`;
    let buffer = this.#parameters.get(key);
    if (!buffer) {
      const bytes = new DataView(new ArrayBuffer(16 * Math.ceil(values.length / 4)));
      values.forEach((value, i) => {
        if (types[i] === 'f32') bytes.setFloat32(4 * i, value, true);
        else bytes.setInt32(4 * i, value, true);
      });
      const { device } = this.#backend;
      buffer = device.createBuffer({
        size: bytes.byteLength,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      device.queue.writeBuffer(buffer, 0, bytes.buffer);
      if (this.#parameters.size >= PARAMETER_SETS) this.#parameters.clear();
      this.#parameters.set(key, buffer);
    }
    return buffer;
  }
}

function declarations({ inputs, outputs, params }: Shader): string {
  const lines: string[] = [];
  const bind = (declaration: string) => lines.push(`@group(0) @binding(${lines.length}) ${declaration};`);
  for (const [name, type] of Object.entries(inputs)) bind(`var<storage, read> ${name}: array<${type}>`);
  for (const [name, type] of Object.entries(outputs))
    bind(`var<storage, read_write> ${name}: array<${type}>`);
  const fields = Object.entries(params).map(([name, type]) => `${name}: ${type}`);
  if (fields.length > 0) {
    bind('var<uniform> p: Params');
    lines.push(`struct Params { ${fields.join(', ')} };`);
  }
  return `${lines.join('\n')}\n`;
}

/** Entry point for `runFlat`: `body` computes item `i`, of which there are `count` (an expression). */
export function flatMain(count: string, body: string): string {
  return `
@compute @workgroup_size(${FLAT})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * ${FLAT}u + id.x;
  if (i >= ${count}) { return; }
${body}
}
`;
}
