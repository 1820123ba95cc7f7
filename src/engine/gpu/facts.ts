import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingCuda, NEEDED } from '../install/cuda-libraries';
import { runTool } from '../install/run-tool';
import type { Receipt } from '../tensorflow-home';
import type { GpuFacts } from './explain';

const VENDOR_NVIDIA = '0x10de';

/** Asks the system; loads nothing. */
export async function gatherGpuFacts(receipt: Receipt, used: boolean): Promise<GpuFacts> {
  const smi = await askDriver();
  return {
    platform: process.platform,
    used,
    names: smi.names,
    onBus: isOnBus(),
    driver: smi.driver ?? loadedDriver(),
    deviceFiles: process.platform !== 'linux' || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg'),
    visible: process.env.CUDA_VISIBLE_DEVICES,
    cuda: receipt.cuda,
    missing: receipt.cuda === null || used ? [] : await missingLibraries(receipt),
  };
}

async function askDriver(): Promise<{ names: string[]; driver: string | undefined }> {
  const { code, output } = await runTool(
    'nvidia-smi',
    ['--query-gpu=driver_version,name', '--format=csv,noheader'],
    { timeoutMs: 15_000 },
  );
  return code === 0 ? parseSmi(output) : { names: [], driver: undefined };
}

/** Lines `550.54.14, NVIDIA H100 80GB HBM3`. */
export function parseSmi(output: string): { names: string[]; driver: string | undefined } {
  const rows = [...output.matchAll(/^(\d+(?:\.\d+)+), *(\S.*\S)\s*$/gm)];
  return { names: rows.map((row) => row[2]!), driver: rows[0]?.[1] };
}

function loadedDriver(): string | undefined {
  try {
    return parseDriver(readFileSync('/proc/driver/nvidia/version', 'utf8'));
  } catch {
    return undefined;
  }
}

/** `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb ...` */
export function parseDriver(text: string): string | undefined {
  return /Kernel Module\b.*?\s(\d+\.\d+(?:\.\d+)?)\s/.exec(text)?.[1];
}

function isOnBus(): boolean {
  // In WSL the bus shows no GPU; Windows passes it on through this device and these libraries.
  if (existsSync('/usr/lib/wsl/lib/libcuda.so.1')) return true;
  const bus = '/sys/bus/pci/devices';
  if (!existsSync(bus)) return false;
  return readdirSync(bus).some((device) => {
    try {
      const of = (name: string) => readFileSync(join(bus, device, name), 'utf8').trim();
      return of('vendor') === VENDOR_NVIDIA && of('class').startsWith('0x03');
    } catch {
      return false;
    }
  });
}

/** Libraries may also come from the system: its linker's list, or LD_LIBRARY_PATH. */
async function missingLibraries(receipt: Receipt): Promise<string[]> {
  const missing = missingCuda(receipt.preload);
  if (missing.length === 0) return [];
  const listed =
    (await runTool('ldconfig', ['-p'], { timeoutMs: 15_000 })).output.match(/\S+\.so[.\d]*/g) ?? [];
  const inPath = (process.env.LD_LIBRARY_PATH ?? '')
    .split(':')
    .filter((folder) => folder !== '' && existsSync(folder))
    .flatMap((folder) => readdirSync(folder));
  const still = missingCuda([...receipt.preload, ...listed, ...inPath]);
  return NEEDED.filter((name) => still.includes(name)).map((name) => `lib${name}`);
}
