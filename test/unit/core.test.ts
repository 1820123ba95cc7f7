import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { losses } from '../../src/core';

const root = join(__dirname, '..', '..');

test('the library offers every loss by the name it is known by', () => {
  for (const name of [
    'crossEntropy',
    'kd',
    'cwd',
    'skdPairwise',
    'ifvd',
    'attentionTransfer',
    'fitnet',
    'dsd',
    'cirkdMiniBatch',
    'dist',
    'ladConsistency',
    'ladLabelChannel',
    'rddTfeWeights',
    'rddTseMask',
  ] as const)
    assert.equal(typeof losses[name], 'function', name);
});

/** What somebody else writes, in a project that has the package installed. */
const consumer = `
import { losses, openEngine, random } from 'distillation-studio/core';
const engine = await openEngine('wasm');
const { tf } = engine;
const wave = (shape, a) => tf.reshape(tf.sin(tf.mul(tf.range(0, shape.reduce((x, y) => x * y)), a)), shape);
const [s, t] = [wave([2, 3, 4, 5], 0.7), wave([2, 3, 4, 5], 0.9)];
const labels = tf.tensor3d(Array.from({ length: 2 * 6 * 8 }, (_, i) => (i % 6) - 1), [2, 6, 8], 'int32');
const up = (z) => losses.resizeToLabels(engine, z, labels);
const channel = losses.ladLabelChannel(labels.dataSync(), 2, {
  classes: 5, codes: [losses.fixedClassCodes(5)], noise: new Float32Array(96), scale: 100,
});
const weights = losses.rddTfeWeights(engine, t, s, { direction: 'aux-main', size: [6, 8] });
const mask = losses.rddTseMask(engine, up(s), up(t), labels, { mode: 'xor', threshold: 0.3, minKept: 0, confidence: 'label' });
const values = {
  crossEntropy: losses.crossEntropy(engine, s, labels),
  kd: losses.kd(engine, s, t, { temperature: 1 }),
  cwd: losses.cwd(engine, s, t, { temperature: 4 }),
  skdPairwise: losses.skdPairwise(engine, s, t),
  ifvd: losses.ifvd(engine, s, t, labels, { classes: 5 }),
  attentionTransfer: losses.attentionTransfer(engine, s, t),
  fitnet: losses.fitnet(engine, s, t),
  dsd: losses.dsd(engine, [s, s, s], [t, s, t], { temperature: 4 }).pixel,
  cirkdMiniBatch: losses.cirkdMiniBatch(engine, s, t, { temperature: 0.1 }),
  dist: losses.dist(engine, s, t, { inter: 1, intra: 1, temperature: 1 }),
  ladConsistency: losses.ladConsistency(engine, s, t, { temperature: 4 }),
  rddTfeWeights: tf.mean(weights),
  rddTseMask: tf.mean(mask),
};
const gradient = tf.grad((x) => losses.kd(engine, x, t, { temperature: 1 }))(s);
console.log(JSON.stringify({
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.dataSync()[0]])),
  ladLabelChannel: channel[1],
  gradient: tf.norm(gradient).dataSync()[0],
  random: random(1, 'mine').uniform(),
}));
`;

test('a script outside of this project imports it by its package name', async () => {
  const project = mkdtempSync(join(tmpdir(), 'consumer-'));
  try {
    const home = join(project, 'node_modules', 'distillation-studio');
    mkdirSync(join(home, 'dist'), { recursive: true });
    const { name, version, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version, exports }));
    await build({
      entryPoints: [join(root, 'src', 'core.ts')],
      outfile: join(home, 'dist', 'core.js'),
      ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' },
    });
    const wasm = join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist');
    for (const file of ['', '-simd', '-threaded-simd'].map((kind) => `tfjs-backend-wasm${kind}.wasm`))
      copyFileSync(join(wasm, file), join(home, 'dist', file));
    for (const file of ['kernels.wasm', 'kernels-fused.wasm'])
      copyFileSync(join(root, 'src', 'engine', 'wasm', file), join(home, 'dist', file));
    const script = join(project, 'consumer.mjs');
    writeFileSync(script, consumer);
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: project });
    const values: Record<string, number> = JSON.parse(stdout.trim().split('\n').at(-1)!);
    assert.equal(Object.keys(values).length, 16);
    for (const [name, value] of Object.entries(values))
      assert.ok(Number.isFinite(value) && value !== 0, `${name} is ${value}`);
    // The first labelled pixel is of class 0, whose code is -(5 + 1) / 20.
    assert.ok(Math.abs(values.ladLabelChannel! + 30) < 1e-4);
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});
