// What `npm run demo` leaves: three finished runs and one report with pictures of their own, no address of another machine.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/steps.mjs';

const runs = join(root, '.distill/runs');
const manifests = readdirSync(runs).map((id) => JSON.parse(readFileSync(join(runs, id, 'run.json'), 'utf8')));
assert.deepEqual(manifests.map((m) => m.methods.join('+') || 'baseline').sort(), ['baseline', 'lad', 'rdd']);
for (const manifest of manifests) {
  const folder = join(runs, manifest.id);
  assert.equal(manifest.status, 'finished', manifest.error);
  assert.equal(manifest.engine.name, 'wasm');
  for (const part of ['journal.jsonl', 'checkpoints', 'samples'])
    assert.ok(existsSync(join(folder, part)), part);
  assert.ok(!existsSync(join(folder, 'lock.json')), 'no lock is left');
}
const report = readFileSync(join(root, '.distill/report.html'), 'utf8');
for (const method of ['LAD', 'RDD', 'baseline']) assert.match(report, new RegExp(method, 'i'));
assert.match(report, /<img[^>]+src="data:image\/png;base64,/, 'pictures are inside');
assert.doesNotMatch(report, /(src|href)="https?:/, 'nothing is loaded from elsewhere');
console.log(
  `demo: ${manifests.length} finished runs and a report of ${Math.round(report.length / 1024)} KiB`,
);
