import type { GpuVerdict } from '../../protocol/doctor';
import type { CudaBuild } from '../tensorflow-home';

/** What is known about NVIDIA GPUs on this machine and in this process; gathered in `facts.ts`. */
export interface GpuFacts {
  platform: NodeJS.Platform;
  /** TensorFlow computes on a GPU. */
  used: boolean;
  /** Names of the GPUs as the driver's tool lists them; empty: none, or no tool. */
  names: string[];
  /** A display controller of NVIDIA is on the bus; or, in WSL, Windows passes its GPUs on. */
  onBus: boolean;
  /** Version of the loaded driver, `550.54.14`. */
  driver: string | undefined;
  /** The device files through which processes reach the driver. */
  deviceFiles: boolean;
  /** CUDA_VISIBLE_DEVICES. */
  visible: string | undefined;
  /** What TensorFlow was built with; null: for the CPU alone. */
  cuda: CudaBuild | null;
  /** CUDA libraries that TensorFlow opens and that are nowhere to be found. */
  missing: string[];
}

const SET_UP = 'Run "distill doctor --install tensorflow --gpu".';

/** The oldest driver for Linux that runs programs of a CUDA major version (CUDA Compatibility, table 2). */
const oldestDriver: Record<string, string> = { '11': '450.80', '12': '525.60', '13': '580.65' };

/** Whether TensorFlow uses the GPU, and if not, the first thing that stands in its way. */
export function explainGpu(facts: GpuFacts): GpuVerdict {
  if (facts.used) return { used: true, name: facts.names[0] ?? 'GPU' };
  const there = facts.onBus || facts.driver !== undefined || facts.names.length > 0;
  const no = (reason: string, remedy: string, expected = there): GpuVerdict => ({
    used: false,
    expected,
    reason,
    remedy,
  });
  if (facts.platform === 'darwin')
    return no('TensorFlow has no GPU build for macOS.', 'The engine "webgpu" can use the GPU.', false);
  if (!there)
    return no('There is no NVIDIA GPU in this machine.', 'GPUs of other makers: the engine "webgpu".', false);
  const gpu = facts.names[0] ?? 'The NVIDIA GPU';
  if (facts.platform === 'win32')
    return no(
      `${gpu} is not used: TensorFlow has no GPU build for Windows.`,
      'Use WSL 2 with "distill doctor --install tensorflow --gpu" there, or the engine "webgpu".',
    );
  if (facts.driver === undefined && facts.names.length === 0)
    return no(
      'An NVIDIA GPU is in this machine, but its driver is not loaded.',
      "Install NVIDIA's driver and restart; in a container, the driver is the host's.",
    );
  if (!facts.deviceFiles)
    return no(
      `${gpu} cannot be reached from here: there are no device files (/dev/nvidia*).`,
      'In a container: start it with "--gpus all" and the NVIDIA Container Toolkit.',
    );
  if (facts.visible !== undefined && (facts.visible.trim() === '' || facts.visible.startsWith('-1')))
    return no(
      `${gpu} is hidden: CUDA_VISIBLE_DEVICES is "${facts.visible}".`,
      'Unset that variable where VS Code or the command is started.',
    );
  if (facts.cuda === null)
    return no(`${gpu} is not used: this TensorFlow was built for the CPU alone.`, SET_UP);
  const oldest = oldestDriver[facts.cuda.cuda.split('.')[0]!];
  if (oldest !== undefined && facts.driver !== undefined && isOlder(facts.driver, oldest))
    return no(
      `${gpu} is not used: its driver ${facts.driver} is too old for CUDA ${facts.cuda.cuda}, which this TensorFlow needs.`,
      `Update NVIDIA's driver to ${oldest} or newer.`,
    );
  if (facts.missing.length > 0)
    return no(
      `${gpu} is not used: CUDA libraries are missing (${facts.missing.join(', ')}).`,
      `${SET_UP} It brings them.`,
    );
  return no(
    `${gpu} is not used, although its driver and the CUDA libraries are there.`,
    'Run "TF_CPP_MIN_LOG_LEVEL=0 TF_CPP_MAX_VLOG_LEVEL=1 distill doctor --probe tensorflow" and read what TensorFlow says.',
  );
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (let i = 0; i < b!.length; i++) if ((a![i] ?? 0) !== b![i]) return (a![i] ?? 0) < b![i]!;
  return false;
}
