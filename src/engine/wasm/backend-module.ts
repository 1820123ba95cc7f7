import { readFileSync } from 'node:fs';
import { DistillError } from '../../protocol/errors';

const PAGE = 65536;
/** All that 32-bit addresses reach, but for the last page: a size must fit into 32 bits, too. */
const HEAP_LIMIT = 65535 * PAGE;
/** The memory that the backend's binary is compiled to begin with, in pages. */
const FIRST_PAGES = 256;
/** The heap grows by so much at a time. Growing moves nothing, so that steps can be small. */
const GROWTH = 16 * 2 ** 20;

type WasmFunction = (...args: number[]) => number;

/**
 * The compiled part of @tensorflow/tfjs-backend-wasm on a memory that other threads can share. The package's own loader
 * does not do this under Node.js: it knows shared memory only together with its own threads, starts eight of them whatever
 * was asked for, rethrows every unhandled rejection of the process, and answers a full heap with a null pointer. What
 * stands here is what its binary (an Emscripten build) and its `BackendWasm` expect of a loader.
 */
export interface BackendModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  cwrap(name: string, result: string | null, args: string[]): (...args: unknown[]) => number;
  readonly tfjs: Record<string, (...args: number[]) => unknown>;
}

/**
 * @param file the package's tfjs-backend-wasm-threaded-simd.wasm
 * Errors: engine-unavailable if the file is not of the version this is written for; engine-memory from any call that
 * needs more than the 4 GiB that WebAssembly can address, or more than the machine has.
 */
export function loadBackendModule(file: string): { module: BackendModule; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: PAGE, shared: true });
  let e: Record<string, WasmFunction> = {};
  const unused = () => {
    throw new DistillError('engine-unavailable', 'The WebAssembly backend asked for a thread of its own.', {
      where: file,
      remedy: 'Install the version of @tensorflow/tfjs-backend-wasm that package.json asks for.',
    });
  };
  const env = {
    memory,
    abort: () => {
      throw heapFull(memory);
    },
    // One: XNNPACK then works in the calling thread alone. The kernels that matter share work in their own way.
    emscripten_num_logical_cores: () => 1,
    emscripten_get_now: () => performance.now(),
    emscripten_get_heap_max: () => HEAP_LIMIT,
    emscripten_resize_heap: (wanted: number) => (grow(memory, wanted >>> 0) ? 1 : 0),
    emscripten_memcpy_big: (to: number, from: number, bytes: number) => {
      new Uint8Array(memory.buffer).copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (bytes >>> 0));
    },
    emscripten_check_blocking_allowed: () => {},
    __emscripten_init_main_thread_js: (thread: number) => {
      e._emscripten_thread_init!(thread, 1, 1, 1);
      e._emscripten_tls_init!();
    },
    _emscripten_default_pthread_stack_size: () => PAGE,
    emscripten_unwind_to_js_event_loop: unused,
    _emscripten_set_offscreencanvas_size: unused,
    emscripten_receive_on_main_thread_js: unused,
    _emscripten_notify_task_queue: unused,
    __pthread_create_js: unused,
    __emscripten_thread_cleanup: unused,
    exit: unused,
    // The binary prints nothing but what it says before it aborts.
    fd_write: () => 0,
    fd_close: () => 0,
    fd_seek: () => 0,
  };
  try {
    const compiled = new WebAssembly.Module(readFileSync(file));
    const instance = new WebAssembly.Instance(compiled, { env, wasi_snapshot_preview1: env });
    e = instance.exports as Record<string, WasmFunction>;
  } catch (cause) {
    throw new DistillError('engine-unavailable', 'The WebAssembly backend does not load.', {
      where: file,
      remedy: 'Reinstall the extension, or run "npm ci" and "npm run build" in a source checkout.',
      cause,
    });
  }
  e.__wasm_call_ctors!();

  let view = new Uint8Array(memory.buffer);
  const module: BackendModule = {
    // The memory's buffer is another one after each growth.
    get HEAPU8() {
      if (view.buffer !== memory.buffer) view = new Uint8Array(memory.buffer);
      return view;
    },
    _malloc(bytes) {
      const pointer = e.malloc!(bytes) >>> 0;
      if (pointer === 0) throw heapFull(memory, bytes);
      return pointer;
    },
    _free: (pointer) => {
      e.free!(pointer);
    },
    cwrap: (name, _result, types) => {
      const call = e[name]!;
      if (!types.includes('array')) return call as (...args: unknown[]) => number;
      return (...args) => {
        const stack = e.stackSave!();
        const passed = args.map((arg) => (ArrayBuffer.isView(arg) ? onStack(arg as Uint8Array) : arg));
        const result = call(...(passed as number[]));
        e.stackRestore!(stack);
        return result;
      };
    },
    tfjs: {
      initWithThreadsCount: () => e.init_with_threads_count!(1),
      getThreadsCount: e.get_threads_count!,
      registerTensor: e.register_tensor!,
      disposeData: e.dispose_data!,
      dispose: e.dispose!,
    },
  };
  const onStack = (bytes: Uint8Array) => {
    const pointer = e.stackAlloc!(bytes.length);
    module.HEAPU8.set(bytes, pointer);
    return pointer;
  };
  return { module, memory };
}

function grow(memory: WebAssembly.Memory, wanted: number): boolean {
  const size = memory.buffer.byteLength;
  if (wanted > HEAP_LIMIT) return false;
  for (const target of [Math.min(HEAP_LIMIT, Math.max(wanted, size + GROWTH)), wanted])
    try {
      memory.grow(Math.ceil((target - size) / PAGE));
      return true;
    } catch {
      // The machine has no more, or less than asked for first.
    }
  return false;
}

function heapFull(memory: WebAssembly.Memory, bytes?: number): DistillError {
  const mib = (n: number) => `${Math.round(n / 2 ** 20)} MiB`;
  const used = memory.buffer.byteLength;
  const why =
    used + (bytes ?? 0) > HEAP_LIMIT * 0.9
      ? 'WebAssembly can address 4 GiB and no more'
      : 'this machine has no more memory to give';
  return new DistillError(
    'engine-memory',
    `The WebAssembly engine holds ${mib(used)}${bytes ? ` and needs ${mib(bytes)} more` : ''}: ${why}.`,
    {
      remedy:
        'Use a smaller "training.batch" or "training.crop" (half of one is about half of the memory), or the TensorFlow engine.',
    },
  );
}
