import { describeStudent } from '../summary';
import type { Arm } from './arm';
import { html, type Markup } from './markup';
import { methodOf } from './results';

/** How every run was made: enough to repeat it. */
export function setups(arms: readonly Arm[]): Markup {
  return html`<section><h2>How it was made</h2>${arms.map(setup)}</section>`;
}

function setup(arm: Arm): Markup {
  const { manifest } = arm;
  const { config, engine, host, git } = manifest;
  const versions = Object.entries(engine.versions).map(([name, version]) => `${name} ${version}`);
  const facts: [string, string][] = [
    ['Run', manifest.id],
    ['Method', methodOf(arm)],
    ['Student', describeStudent(config)],
    ...(manifest.methods.length > 0
      ? ([['Teacher', describeStudent({ student: config.teacher ?? config.student })]] as [string, string][])
      : []),
    ['Seed', String(config.training.seed)],
    ['Engine', `${engine.name} on ${engine.device}; ${versions.join(', ')}`],
    ['Machine', `${host.platform}, ${host.cpus} cores, Node.js ${host.node}`],
    ...(git
      ? ([['Commit', `${git.commit}${git.dirty ? ' with local changes' : ''}`]] as [string, string][])
      : []),
  ];
  return html`<div class="card"><h3>${arm.label}</h3>
<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${list('Differs from papers and released code', manifest.deviations)}
${list('Warnings', arm.warnings)}
${arm.damagedLines > 0 && html`<p>${arm.damagedLines} damaged lines of the journal were passed over.</p>`}
<details><summary>Configuration as written</summary><pre>${manifest.configText}</pre></details>
<details><summary>Configuration as resolved</summary><pre>${JSON.stringify(config, null, 2)}</pre></details></div>`;
}

function list(title: string, items: readonly string[]): Markup | false {
  return items.length > 0 && html`<div>${title}</div><ul>${items.map((text) => html`<li>${text}</li>`)}</ul>`;
}
