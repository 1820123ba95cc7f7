import { resolve } from 'node:path';
import { RunLockHolder } from '../run/lock';
import { loadStudy } from '../run/study/load';
import { type StudyPlan, studyFolder } from '../run/study/plan';
import { type Command, parse, usage } from './command';
import { engineOption } from './engine-option';
import { StudyConductor } from './study-conductor';

const help = `Trains every arm of a study with every seed and reports what came out.

Usage: distill study FILE [options]

FILE (JSON with comments, or YAML) names a base configuration, seeds, and arms: what each changes in it.
Runs that are finished are not repeated, those that were interrupted go on from their last checkpoint: run
the same command again until all is done. After every run report.html, report.json and report.md are written
to .distill/studies/<name>/.

Options:
  --report         train nothing, write the reports of what there is
  --plan           train nothing, list what would be
  --only ARM       this arm alone, with the arms that train its teacher (may be repeated)
  --engine ENGINE  auto, tensorflow or wasm, in place of what the configurations say
  --workspace DIR  folder that holds .distill (default: the current folder)

Ctrl-C finishes the step, writes a checkpoint and ends; a second Ctrl-C ends at once.`;

export const study: Command = {
  summary: 'train arms x seeds of a study, and compare them',
  help,
  async run(args) {
    const { values, positionals } = parse(args, {
      report: { type: 'boolean', default: false },
      plan: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      engine: { type: 'string' },
      workspace: { type: 'string', default: process.cwd() },
    });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw usage('One study, please.');
    const workspace = resolve(values.workspace);
    const plan = loadStudy(resolve(file));
    const conductor = new StudyConductor(plan, workspace, engineOption(values.engine));
    if (values.plan) {
      console.log(await conductor.overview());
      return 0;
    }
    if (values.report) return conductor.report();
    const lock = RunLockHolder.acquire(studyFolder(workspace, plan));
    try {
      return await conductor.train(wantedArms(plan, values.only));
    } finally {
      lock.release();
    }
  },
};

/** The named arms and those whose students teach them; all arms if none is named. */
function wantedArms({ study: { arms } }: StudyPlan, only: readonly string[] | undefined): Set<string> {
  const wanted = new Set(only ?? arms.map(({ name }) => name));
  for (const name of wanted) {
    const arm = arms.find((a) => a.name === name);
    if (!arm) throw usage(`No arm is named "${name}". Arms: ${arms.map((a) => a.name).join(', ')}.`);
    if (arm.teacher !== undefined) wanted.add(arm.teacher);
  }
  return wanted;
}
