import { readFileSync } from 'node:fs';

/** Seconds per tick of the counters under /proc. */
const TICK = 0.01;

/** Processor time a process has used so far, all threads, in seconds; undefined where the system does not say. */
export function processTime(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return undefined;
  }
}

/** The same of the whole machine, with what the host of a virtual machine has taken away. */
export function machineTime(): number | undefined {
  try {
    const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .split(/\s+/)
      .map(Number);
    return (user! + nice! + system! + irq! + softirq! + steal!) * TICK;
  } catch {
    return undefined;
  }
}

/** What went on while something ran, each as a share of one processor; 0 where the system does not say. */
export interface Company {
  /** The process that was to rest. */
  resting: number;
  /** Everything else on the machine. */
  others: number;
}

/** Runs `step` in one of two processes and sees who else was at work meanwhile. */
export async function inCompany(
  pids: { working: number | undefined; resting: number | undefined },
  step: () => Promise<number>,
): Promise<Company & { ms: number }> {
  const read = () => [processTime(pids.working), processTime(pids.resting), machineTime()];
  const before = read();
  const began = performance.now();
  const ms = await step();
  const seconds = (performance.now() - began) / 1000;
  const after = read();
  const [working, resting, machine] = after.map((value, i) => (value ?? 0) - (before[i] ?? 0));
  return {
    ms,
    resting: resting! / seconds,
    others: Math.max(0, machine! - working! - resting!) / seconds,
  };
}
