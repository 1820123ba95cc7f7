// Entry of the suite, given to VS Code as extensionTestsPath: the extension host calls run(). The same bundle serves the
// VS Code server of test/run-integration.mjs and @vscode/test-electron.
import { writeFileSync } from 'node:fs';

export async function run(): Promise<void> {
  // Not bundled: it finds its parts beside itself. What `require` gives of it depends on the version of Node.js.
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 60_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import('./suite/activation.test');
  await import('./suite/configuration.test');
  await import('./suite/datasets.test');
  await import('./suite/engine.test');
  await import('./suite/runs.test');
  await import('./suite/training.test');
  const report: object[] = [];
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => report.push({ title: test.fullTitle(), ok: true, ms: test.duration }));
    runner.on('pending', (test) => report.push({ title: test.fullTitle(), skipped: true }));
    runner.on('fail', (test, error) =>
      report.push({ title: test.fullTitle(), ok: false, error: String(error?.stack ?? error) }),
    );
  });
  const file = process.env.DISTILLATION_TEST_REPORT;
  if (file) writeFileSync(file, JSON.stringify({ failures, report }));
  if (failures) throw new Error(`${failures} tests failed`);
}
