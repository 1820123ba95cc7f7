import type { EngineReport } from '../protocol/doctor';
import type { EngineName } from './engine';

/** What `auto` opens, and why not what comes before it, one sentence each. */
export interface Choice {
  name: EngineName | null;
  why: string[];
}

/**
 * TensorFlow on a GPU; WebGPU on a real adapter when it measures faster than the CPU; TensorFlow on the CPU; wasm. An
 * engine is asked about only where its answer matters: finding out takes seconds.
 * @param ask undefined: this program has no such engine
 */
export async function chooseEngine(
  ask: (name: string) => Promise<EngineReport | undefined>,
): Promise<Choice> {
  const why: string[] = [];
  const good = async (name: string) => {
    const report = await ask(name);
    if (!report) return undefined;
    if (!report.available) {
      why.push(`${name}: ${report.reason}`);
      return undefined;
    }
    if (report.failures.length === 0) return report;
    why.push(`${name}: it gives wrong numbers here (${report.failures.join(', ')}), so it is not used.`);
    return undefined;
  };
  const chosen = (name: string): Choice => ({ name: name as EngineName, why });

  const tensorflow = await good('tensorflow');
  if (tensorflow?.description.device === 'gpu') return chosen('tensorflow');
  if (tensorflow?.gpu?.used === false && tensorflow.gpu.expected)
    why.push(`tensorflow: ${tensorflow.gpu.reason} ${tensorflow.gpu.remedy}`);
  const webgpu = await good('webgpu');
  if (webgpu?.description.device === 'gpu') {
    const cpu = tensorflow ?? (await good('wasm'));
    if (!cpu || webgpu.gflops > cpu.gflops) return chosen('webgpu');
    why.push(
      `webgpu: it is slower here than ${cpu.name} (${webgpu.gflops.toFixed(0)} to ${cpu.gflops.toFixed(0)} GFLOP/s).`,
    );
  } else if (webgpu) why.push('webgpu: no GPU was found; its software adapter is for tests.');
  if (tensorflow) return chosen('tensorflow');
  return (await good('wasm')) ? chosen('wasm') : { name: null, why };
}
