import type { ParseArgsConfig, parseArgs } from 'node:util';
import { chooseEngine } from '../engine/choose';
import type { EngineName } from '../engine/engine';
import { engineNames, engines } from '../engine/engines';
import { setUpChoices } from '../engine/install/choices';
import type { Progress } from '../engine/install/progress';
import { installWebgpu, uninstallWebgpu } from '../engine/install/webgpu';
import { installTensorFlow, uninstallTensorFlow } from '../engine/install-tensorflow';
import { probeEngine } from '../engine/probe';
import { findTensorFlow, SOURCES, type Source } from '../engine/tensorflow-home';
import { forgetVerdicts, type Verdict, verdictOn } from '../engine/verdicts';
import type { DoctorReport } from '../protocol/doctor';
import { parse, usage } from './command';
import { describeChoices, describeReport } from './doctor-text';
import { SetUpProgressText } from './set-up-progress';

const help = `Shows which engines can compute on this machine, and sets them up.

Usage: distill doctor [options]

Options:
  --json                  print the findings as JSON
  --fresh                 find everything out anew; else what is known is kept until something it depends on changes
  --sources               list the ways to set engines up here, with what each needs
  --install tensorflow    set TensorFlow up: from a Python environment that has it, else with pip, else as npm would
    --gpu                 with what an NVIDIA GPU needs (CUDA; Linux)
    --from SOURCE         python, pip, index, wheel or npm: this source and no other
    --python PATH         look into this environment first; its pip downloads
    --index URL           download from this package index (its simple interface)
    --wheel FILE          use this wheel of TensorFlow, or this archive of libtensorflow (.tar.gz, .zip)
  --install webgpu        set WebGPU up, for a GPU of any vendor: with npm (51 MB)
    --package FILE        use this file, webgpu-....tgz as "npm pack" makes it, instead of downloading
  --uninstall ENGINE      remove what was set up for tensorflow or webgpu
  -h, --help              print this

Ctrl-C ends a set-up; what was set up before stays. A download that broke off or was ended goes on where it stopped.
DISTILL_CACHE names another folder for all this; DISTILL_ENGINE an engine that is used whatever a configuration says.

Exit status: 0 if some engine can compute, 1 if none can, 130 if a set-up was ended.
`;

const options = {
  json: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
  sources: { type: 'boolean', default: false },
  install: { type: 'string' },
  uninstall: { type: 'string' },
  gpu: { type: 'boolean', default: false },
  from: { type: 'string' },
  python: { type: 'string' },
  index: { type: 'string' },
  wheel: { type: 'string' },
  package: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  // How this command calls itself; see engine/probe-apart.ts.
  probe: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** What a shell reports of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** What the command does with; tests put others in place. */
export interface DoctorParts {
  verdictOn(name: EngineName, options: { fresh?: boolean }): Promise<Verdict>;
  install: typeof installTensorFlow;
  uninstall: typeof uninstallTensorFlow;
  installWebgpu: typeof installWebgpu;
  uninstallWebgpu: typeof uninstallWebgpu;
}

const parts: DoctorParts = {
  verdictOn,
  install: installTensorFlow,
  uninstall: uninstallTensorFlow,
  installWebgpu,
  uninstallWebgpu,
};

/** What can be set up; wasm needs nothing. */
const INSTALLABLE = ['tensorflow', 'webgpu'];

/** `distill doctor`. Errors: usage, and those of `installTensorFlow` and `installWebgpu`. */
export async function doctor(args: string[], { verdictOn, ...does } = parts): Promise<number> {
  const { values, positionals } = parse(args, options);
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (values.probe !== undefined) return answerProbe(values.probe);
  checkUsage(values, positionals);
  if (values.sources) {
    const choices = await setUpChoices({ python: values.python });
    console.log(values.json ? JSON.stringify(choices, null, 2) : describeChoices(choices));
    return 0;
  }
  if (values.uninstall !== undefined) {
    const done = await (values.uninstall === 'webgpu' ? does.uninstallWebgpu() : does.uninstall());
    forgetVerdicts();
    console.error(done);
  }
  if (values.install !== undefined && !(await setUp(values, does))) return INTERRUPTED;
  const report = await examine(verdictOn, values.fresh);
  console.log(values.json ? JSON.stringify(report, null, 2) : describeReport(report));
  return report.auto === null ? 1 : 0;
}

function checkUsage(values: Values, positionals: string[]): void {
  if (positionals.length > 0) throw usage(`Unexpected: ${positionals.join(' ')}.`);
  for (const [option, verb] of [
    ['install', 'installed'],
    ['uninstall', 'uninstalled'],
  ] as const)
    if (values[option] !== undefined && !INSTALLABLE.includes(values[option]))
      throw usage(`"${values[option]}" cannot be ${verb}; ${INSTALLABLE.join(' and ')} can.`);
  if (values.install !== undefined && values.uninstall !== undefined)
    throw usage('--install and --uninstall exclude each other.');
  for (const option of ['gpu', 'from', 'index', 'wheel'] as const)
    if (values[option] && values.install !== 'tensorflow')
      throw usage(`--${option} belongs to --install tensorflow.`);
  if (values.package !== undefined && values.install !== 'webgpu')
    throw usage('--package belongs to --install webgpu.');
  if (values.from !== undefined && !SOURCES.some((source) => source === values.from))
    throw usage(`There is no source "${values.from}"; sources are ${SOURCES.join(', ')}.`);
}

/** False: the user ended it. */
async function setUp(
  values: Values,
  { install, installWebgpu }: Pick<DoctorParts, 'install' | 'installWebgpu'>,
): Promise<boolean> {
  const controller = new AbortController();
  const end = () => controller.abort();
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  // A window that started this and is gone, or that wants it ended, closes the channel: that works on Windows as well.
  process.on('disconnect', end);
  const progress = new SetUpProgressText(process.stderr, values.json);
  try {
    const common = { signal: controller.signal, report: (step: Progress) => progress.show(step) };
    if (values.install === 'webgpu') await installWebgpu({ file: values.package, ...common });
    else
      await install({
        from: values.from as Source | undefined,
        gpu: values.gpu,
        python: values.python,
        index: values.index,
        file: values.wheel,
        ...common,
      });
    return true;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    progress.show({
      text: 'Ended. What was set up before is as it was; the next attempt goes on with a download that has begun.',
    });
    return false;
  } finally {
    progress.close();
    forgetVerdicts();
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    process.off('disconnect', end);
  }
}

/** One engine after the other: the speeds would disturb each other. */
async function examine(verdict: DoctorParts['verdictOn'], fresh: boolean): Promise<DoctorReport> {
  const verdicts = new Map<string, Verdict>();
  for (const name of engineNames) verdicts.set(name, await verdict(name, { fresh }));
  const { name, why } = await chooseEngine(async (one) => verdicts.get(one)?.report);
  const search = findTensorFlow();
  return {
    engines: [...verdicts.values()].map(({ report }) => report),
    auto: name,
    why,
    tensorflow: search.found
      ? {
          source: search.receipt.source,
          version: search.receipt.version,
          origin: search.receipt.origin,
          folder: search.receipt.folder,
        }
      : null,
    checkedAt: Math.min(...[...verdicts.values()].map(({ at }) => at)),
  };
}

async function answerProbe(wanted: string): Promise<number> {
  const name = engineNames.find((engine) => engine === wanted);
  if (!name) throw usage(`There is no engine "${wanted}"; engines are ${Object.keys(engines).join(', ')}.`);
  const report = await probeEngine(name);
  if (process.send) process.send(report, () => process.disconnect());
  else console.log(JSON.stringify(report, null, 2));
  return 0;
}
