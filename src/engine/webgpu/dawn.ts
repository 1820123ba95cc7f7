/// <reference types="@webgpu/types" />
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DistillError } from '../../protocol/errors';
import { findDawn } from './home';
import { prepareVulkan, vulkanProblem } from './vulkan';

/** What the addon of the npm package `webgpu` exports. */
interface Binding {
  create(options: string[]): GPU;
  globals: object;
}

/** Set for tests alone: train on a software adapter, which is a thousand times slower than a GPU. */
export const SOFTWARE_VARIABLE = 'DISTILL_WEBGPU_SOFTWARE';
/** Part of the name of the adapter to use, where there are several. */
export const ADAPTER_VARIABLE = 'DISTILL_WEBGPU_ADAPTER';
/** Options for Dawn as its Node binding takes them, separated by blanks; for measurements. */
const DAWN_VARIABLE = 'DISTILL_WEBGPU_DAWN';

export interface OpenDevice {
  device: GPUDevice;
  info: GPUAdapterInfo;
  /** Lets Dawn handle what the device has finished, without returning to the event loop. */
  tick: () => void;
}

/**
 * Opens the fastest GPU, or the one named by DISTILL_WEBGPU_ADAPTER, through Dawn.
 * Errors: engine-unavailable (not set up, no Vulkan, no GPU, a software adapter), each with the remedy.
 */
export async function openDevice(): Promise<OpenDevice> {
  const gpu = startDawn(loadBinding());
  const adapter = await requestAdapter(gpu);
  const { info } = adapter;
  if (info.isFallbackAdapter && process.env[SOFTWARE_VARIABLE] !== '1')
    throw unavailable(
      `The only graphics adapter is ${describeAdapter(info)}, which computes on the CPU and is far too slow to train.`,
      'Install the driver of your GPU, or use the engine "tensorflow" or "wasm".',
    );
  const { result: device, tick } = await captureTick(() =>
    adapter.requestDevice({
      requiredLimits: Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]])),
    }),
  );
  return { device, info, tick };
}

export function describeAdapter(info: GPUAdapterInfo): string {
  return [info.vendor, info.device || info.architecture, info.description && `(${info.description})`]
    .filter(Boolean)
    .join(' ');
}

/** By default WebGPU promises what phones can do. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

function loadBinding(): Binding {
  const search = findDawn();
  if (!search.found) throw unavailable(search.reason, 'Or choose another engine.');
  if (process.platform === 'linux') prepareVulkan();
  try {
    return createRequire(join(__dirname, 'dawn.js'))(search.binding) as Binding;
  } catch (cause) {
    throw new DistillError(
      'engine-unavailable',
      `Dawn, the WebGPU library, does not load: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        where: search.binding,
        remedy: 'Run "distill doctor --install webgpu" to set it up anew, or use another engine.',
        cause,
      },
    );
  }
}

function startDawn({ create, globals }: Binding): GPU {
  Object.assign(globalThis, globals);
  const options = [`backend=${nativeInterface()}`];
  const name = process.env[ADAPTER_VARIABLE];
  if (name) options.push(`adapter=${name}`);
  const more = process.env[DAWN_VARIABLE];
  if (more) options.push(...more.split(' '));
  const gpu = create(options);
  // Where the backend looks for it. Node.js has a navigator since version 21, and it cannot be replaced.
  if (typeof navigator === 'undefined')
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

/** The one interface per platform that GPU drivers serve best. */
function nativeInterface(): 'vulkan' | 'metal' | 'd3d12' {
  if (process.platform === 'darwin') return 'metal';
  return process.platform === 'win32' ? 'd3d12' : 'vulkan';
}

async function requestAdapter(gpu: GPU): Promise<GPUAdapter> {
  const name = process.env[ADAPTER_VARIABLE];
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (cause) {
    // With a name, Dawn's error lists the adapters there are.
    const names = [...String(cause).matchAll(/name: '([^']*)'/g)].map((match) => match[1]);
    if (name && names.length > 0)
      throw unavailable(
        `No graphics adapter is called "${name}". There are: ${names.join(', ')}.`,
        `Change the variable ${ADAPTER_VARIABLE}, or remove it to use the fastest.`,
      );
    adapter = null;
  }
  if (adapter) return adapter;
  const problem = process.platform === 'linux' ? vulkanProblem() : undefined;
  throw unavailable(
    problem?.what ?? 'WebGPU found no graphics adapter.',
    problem?.remedy ?? 'Install the driver of your GPU, or use another engine.',
  );
}

/**
 * Runs `open` and catches the callback that Dawn's binding gives to setImmediate while it waits. Called again later it
 * does the same: it lets Dawn handle finished work.
 */
async function captureTick<T>(open: () => Promise<T>): Promise<{ result: T; tick: () => void }> {
  const own = globalThis.setImmediate;
  let tick: (() => void) | undefined;
  globalThis.setImmediate = ((callback: () => void, ...args: unknown[]) => {
    tick = callback;
    return own(callback, ...(args as []));
  }) as unknown as typeof setImmediate;
  let opening: Promise<T>;
  try {
    opening = open();
  } finally {
    globalThis.setImmediate = own;
  }
  const result = await opening;
  if (!tick)
    throw unavailable(
      'This release of Dawn does not report finished work in the way that is known.',
      'Run "distill doctor --install webgpu" to set up the release the engine was tested with.',
    );
  return { result, tick };
}

function unavailable(what: string, remedy: string): DistillError {
  return new DistillError('engine-unavailable', what, { remedy });
}
