import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { findTensorFlow } from '../../../src/engine/tensorflow-home';
import { listRunFolders } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { runTypeScript } from '../../lib/run-typescript';

const root = join(__dirname, '..', '..', '..');
const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';

/** As small as a training can be: one step of a student with a teacher's loss on it. */
const config = {
  dataset: { kind: 'sample' },
  methods: [{ kind: 'kd' }],
  student: { width: 0.125 },
  teacher: { width: 0.125, backbone: 'resnet18' },
  training: {
    iterations: 1,
    teacherIterations: 1,
    batch: 2,
    crop: [32, 32],
    evaluateEvery: 1,
    evaluateImages: 1,
  },
};

/** 24 is what VS Code brings: on Linux that of its server, which .nodes links to. */
for (const major of [20, 22, 24]) {
  const node = join(root, '.nodes', String(major), 'bin', 'node');
  describe(`Node.js ${major}`, { skip: !existsSync(node) && 'scripts/setup-nodes.sh was not run' }, () => {
    let workspace: string;
    before(() => {
      workspace = mkdtempSync(join(tmpdir(), `distill-node-${major}-`));
      writeFileSync(join(workspace, 'tiny.distill.json'), JSON.stringify(config));
    });
    after(() => rmSync(workspace, { recursive: true, force: true }));

    for (const engine of ['tensorflow', 'wasm'])
      it(`trains a step with ${engine}`, {
        skip: engine === 'tensorflow' && !search.found && !required && search.reason,
      }, async () => {
        const main = join(root, 'src', 'cli', 'main.ts');
        const home = join(workspace, engine);
        await promisify(execFile)(
          node,
          [
            ...runTypeScript,
            main,
            'train',
            join(workspace, 'tiny.distill.json'),
            '--engine',
            engine,
            '--workspace',
            home,
            '--quiet',
          ],
          // As an extension host starts its workers.
          { cwd: root, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } },
        );
        const reader = await RunReader.open(listRunFolders(home)[0]!);
        const { manifest } = reader;
        assert.equal(manifest.engine.name, engine);
        assert.match(manifest.engine.versions.node!, new RegExp(`^${major}\\.`));
        const step = reader.events.findLast((event) => event.kind === 'step' && event.stage === 'student');
        assert.ok(step?.kind === 'step' && Number.isFinite(step.loss) && step.loss > 0);
        assert.equal(reader.summary().status, 'finished');
      });
  });
}
