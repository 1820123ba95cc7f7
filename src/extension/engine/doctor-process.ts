import { type CliOptions, runCliJson } from '../cli-process';

/** `nodePath`: what trains is what is asked. `workspace`: its Python environments are looked into. */
export type DoctorOptions = CliOptions & { nodePath: string | undefined; workspace: string | undefined };

/** Runs `distill doctor ... --json`. Errors: those of `runCliJson`. */
export function runDoctor(args: string[], options: DoctorOptions): Promise<unknown> {
  return runCliJson(['doctor', ...args, '--json'], options);
}
