import { type Arm, readArms } from './arm';
import { curves } from './curves';
import { html, Markup } from './markup';
import { pictures } from './pictures';
import { perClass, results } from './results';
import { setups } from './setups';
import { style } from './style';

/**
 * One self-contained HTML page about one or more runs: no network, no scripts, no other files. The same runs give the
 * same page.
 * @param folders run folders, in the order in which they are told
 * Errors: run-missing, run-broken, io.
 */
export async function buildReport(folders: readonly string[]): Promise<string> {
  const arms = await readArms(folders);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Distillation report: ${arms.map((arm) => arm.label).join(', ')}</title>
<style>${new Markup(style)}</style>
</head>
<body><main>
<h1>Distillation report</h1>
<p class="soft">${subtitle(arms)}</p>
${results(arms)}
${perClass(arms)}
${curves(arms)}
${pictures(arms)}
${setups(arms)}
</main></body>
</html>
`;
  return page.text;
}

function subtitle(arms: readonly Arm[]): string {
  const datasets = [...new Set(arms.map((arm) => arm.manifest.config.dataset.kind))];
  const days = [
    ...new Set(arms.map((arm) => new Date(arm.manifest.createdAt).toISOString().slice(0, 10))),
  ].sort();
  const count = arms.length === 1 ? 'One run' : `${arms.length} runs`;
  return `${count} on the data set ${datasets.join(', ')}, ${days.join(', ')}`;
}
