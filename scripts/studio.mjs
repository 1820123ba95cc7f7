// `npm run studio`: a real VS Code with the extension and a sample workspace. The desktop one where `code` is on the
// PATH, else the browser one on 127.0.0.1.
//   npm run studio [-- --browser]     the browser one even if there is a desktop one
//   node scripts/studio.mjs --prepare only makes the sample workspace
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, must, root } from './lib/steps.mjs';

const studio = join(root, '.studio');
const workspace = join(studio, 'workspace');
const flags = process.argv.slice(2);

await ensureDependencies();
await must('npm', ['run', '-s', 'build'], { minutes: 5 });
await prepareWorkspace();
if (flags.includes('--prepare')) process.exit(0);
if (!flags.includes('--browser') && desktopWorks()) await desktop();
else await browser();

/** The sample dataset and the demo's configurations; what a user changed in one of them stays. */
async function prepareWorkspace() {
  mkdirSync(workspace, { recursive: true });
  const demo = join(root, 'samples/demo');
  for (const file of readdirSync(demo).filter((name) => name.endsWith('.distill.json')))
    if (!existsSync(join(workspace, file))) cpSync(join(demo, file), join(workspace, file));
  // Imported here, not above: there may have been no node_modules until now.
  const { tsImport } = await import('tsx/esm/api');
  const { ensureSampleDataset } = await tsImport('../samples/write.ts', import.meta.url);
  await ensureSampleDataset(join(workspace, '.distill/datasets/sample'));
  console.log(`Sample workspace: ${workspace}`);
}

/** Whether `code` here is a desktop VS Code that can show a window. */
function desktopWorks() {
  // Inside a remote terminal `code` speaks to that window and knows no --extensionDevelopmentPath.
  if (process.env.VSCODE_IPC_HOOK_CLI || process.getuid?.() === 0) return false;
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  return (
    spawnSync('code', ['--version'], { timeout: 20_000, shell: process.platform === 'win32' }).status === 0
  );
}

async function desktop() {
  console.log('Opening VS Code. Close its window, or press Ctrl-C here, when you are done.');
  const args = ['--new-window', '--wait', `--extensionDevelopmentPath=${root}`, workspace];
  const code = spawn('code', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  process.once('SIGINT', () => code.kill());
  await new Promise((done) => code.once('exit', done));
}

async function browser() {
  await must('bash', ['scripts/setup-vscode-server.sh', 'current'], { minutes: 15 });
  await must('npm', ['run', '-s', 'package'], { minutes: 5 });
  const { startServer } = await import('../test/lib/server.mjs');
  const { homeOf, VSIX } = await import('../test/lib/targets.mjs');
  const port = flags.find((flag) => flag.startsWith('--port='))?.slice('--port='.length);
  const token = connectionToken();
  const server = await startServer({
    home: homeOf('current'),
    vsix: [VSIX],
    data: join(studio, 'server'),
    token,
    ...(port ? { port: Number(port) } : {}),
  });
  console.log(`
VS Code ${server.version} with Distillation Studio is running. Open this address in a browser on this machine:

  ${server.url}/?tkn=${token}&folder=${encodeURIComponent(workspace)}

Then press F1 and choose "Distillation: Start LAD Run" or "Distillation: Start RDD Run". Ctrl-C here stops it.`);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    console.log('\nStopping.');
    await server.stop();
    await stopTrainings();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  await server.exited;
  if (!stopping) {
    console.error(`VS Code ended by itself:\n${server.output().slice(-2000)}`);
    process.exit(1);
  }
}

/** Runs outlive windows; here the whole of VS Code goes, so they end as by Stop Run: with a checkpoint. */
async function stopTrainings() {
  const { isAlive, runFolders, until, workerPid } = await import('../test/lib/run-folders.mjs');
  const pids = runFolders(workspace)
    .map(workerPid)
    .filter((pid) => pid && isAlive(pid));
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  if (pids.length > 0) console.log(`Stopping ${pids.length} training run(s) after a checkpoint.`);
  await until('the end of the trainings', () => !pids.some(isAlive)).catch((error) => {
    console.error(error.message);
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
}

/** The address works for whoever has this: other users and web pages on this machine do not. */
function connectionToken() {
  const file = join(studio, 'token');
  if (!existsSync(file)) writeFileSync(file, randomBytes(16).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
