import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, until } from '../support';

// Every engine may have to be probed: seconds for each, more on a busy machine.
const PROBING_MS = 240_000;

describe('the engines', () => {
  it('are found out about when the Engine view is looked at', async function () {
    this.timeout(PROBING_MS);
    const { engines } = await api();
    await vscode.commands.executeCommand('distillation.engine.focus');
    const knowledge = await until(
      'what can compute',
      () => (engines.knowledge.kind === 'unknown' || engines.busy ? undefined : engines.knowledge),
      PROBING_MS,
    );
    assert.ok(knowledge.kind === 'known', JSON.stringify(knowledge));
    const { report } = knowledge;
    const wasm = report.engines.find(({ name }) => name === 'wasm');
    assert.ok(wasm?.available, JSON.stringify(wasm));
    assert.deepEqual(wasm.failures, []);
    assert.ok(wasm.gflops > 0);
    // What trains is what was asked: the Node.js of this extension host.
    assert.equal(wasm.description.versions.node, process.versions.node);
    assert.ok(report.engines.some(({ name }) => name === report.auto));
    for (const engine of report.engines) if (!engine.available) assert.match(engine.reason, /\w.*\.$/s);
  });

  it('are known at once the second time', async () => {
    const { engines } = await api();
    const before = engines.knowledge;
    const again = await engines.check();
    assert.deepEqual(again, before);
  });
});
