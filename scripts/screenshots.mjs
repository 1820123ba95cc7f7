// `npm run screenshots`: the pictures of README.md (docs/images) and of the walkthrough (media/walkthrough), from the packaged
// extension in a real VS Code.
//   npm run screenshots [-- NAME...]     only those pictures
// The runs in them are those of `npm run demo`; it is run first where this clone has none of its present configurations.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { manifest, runFolders } from '../test/lib/run-folders.mjs';
import { openSession } from '../test/lib/session.mjs';
import { homeOf } from '../test/lib/targets.mjs';
import { Camera } from './lib/camera.mjs';
import { configurations, scenes } from './lib/screenshot-scenes.mjs';
import { ensureDependencies, must, root } from './lib/steps.mjs';

const wanted = process.argv.slice(2);
const known = scenes.flatMap(({ pictures }) => pictures);
for (const name of wanted)
  if (!known.includes(name)) {
    console.error(`There is no picture "${name}". There are: ${known.join(', ')}.`);
    process.exit(2);
  }

const demo = join(root, 'samples/demo');
const demoFiles = readdirSync(demo).filter((name) => name.endsWith('.distill.json'));
/** Scenes with more pixels than those of the demo, for the sample browser. */
const streets = join(root, '.studio/streets');

await ensureDependencies();
await must('npm', ['run', '-s', 'package'], { minutes: 5 });
if (demoRuns().length < demoFiles.length)
  await must('npm', ['run', '-s', 'demo', '--', '--engine', 'wasm'], { minutes: 60 });
const { tsImport } = await import('tsx/esm/api');
const { ensureSampleDataset } = await tsImport('../samples/write.ts', import.meta.url);
await ensureSampleDataset(streets, { size: [192, 256], train: 60, val: 20 });

process.env.VSCODE_E2E_HOME ??= homeOf('current');
const session = await openSession(
  {
    ...configurations,
    'streets.distill.json': { dataset: { kind: 'folder', root: 'streets' }, methods: [{ kind: 'lad' }] },
  },
  {
    settings: {
      'breadcrumbs.enabled': false,
      'editor.minimap.enabled': false,
      'workbench.layoutControl.enabled': false,
      // It shows the name of the workspace, which is a temporary folder.
      'window.commandCenter': false,
    },
    prepare(workspace) {
      for (const name of demoFiles) cpSync(join(demo, name), join(workspace, name));
      for (const folder of demoRuns())
        cpSync(folder, join(workspace, '.distill/runs', folder.split('/').at(-1)), { recursive: true });
      cpSync(streets, join(workspace, 'streets'), { recursive: true });
      // One pair is broken, so that there is something to find.
      const labels = join(workspace, 'streets/labels/train');
      rmSync(join(labels, readdirSync(labels).sort()[7]));
    },
  },
);
// A busy machine takes its time; nothing here is about being quick.
session.page.setDefaultTimeout(120_000);
try {
  const camera = new Camera(session.page, wanted);
  for (const { pictures, take } of scenes)
    if (wanted.length === 0 || pictures.some((name) => wanted.includes(name))) await take(session, camera);
  console.log(`Written: ${camera.written.join(', ')}`);
} catch (error) {
  await session.shot('FAILED-screenshots');
  throw error;
} finally {
  await session.close();
}

/** Of each configuration of the demo as it is now, the newest run that was trained to its end. */
function demoRuns() {
  if (!existsSync(join(root, '.distill/runs'))) return [];
  return demoFiles.flatMap((name) => {
    const text = readFileSync(join(demo, name), 'utf8');
    const runs = runFolders(root).filter((folder) => {
      const { configText, status } = manifest(folder);
      return configText === text && status === 'finished';
    });
    return runs.slice(-1);
  });
}
