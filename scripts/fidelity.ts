// Trains what docs/fidelity.md tells of, with our trainer and with PyTorch, and writes the figures and tables into it.
//
//   npm run fidelity -- [--width 0.25] [--size 96] [--engine tensorflow] [--folder DIR]
//
// Needs PyTorch (node scripts/setup-pytorch.mjs) and, for the engine that the page is about, TensorFlow.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findPython } from '../bench/pytorch-home';
import { openEngine } from '../src/engine/open';
import { CASES } from '../test/golden/trajectories/cases';
import { type Curve, distance, largestDifference } from '../test/golden/trajectories/compare';
import { follow, prepare, type Setting, type Trajectory } from '../test/golden/trajectories/trajectory';

const root = resolve(__dirname, '..');
const page = join(root, 'docs/fidelity.md');
const images = join(root, 'docs/images');
const COLORS = ['#2a78d6', '#d95926', '#1baf7a', '#8f5bd1', '#c98500', '#d0477f', '#5a5f66'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      width: { type: 'string', default: '0.25' },
      size: { type: 'string', default: '96' },
      engine: { type: 'string', default: 'tensorflow' },
      folder: { type: 'string' },
    },
  });
  const engine = await openEngine(values.engine as 'tensorflow' | 'wasm');
  const setting: Setting = {
    folder: values.folder ?? mkdtempSync(join(tmpdir(), 'distill-fidelity-')),
    python: findPython(),
    ...{ classes: 5, batch: 4, steps: 30 },
    width: Number(values.width),
    size: Number(values.size),
  };
  prepare(setting);
  mkdirSync(images, { recursive: true });
  const sections: string[] = [];
  const rows: string[] = [];
  for (const trajectory of await follow(engine, setting, ['float32', 'float64'])) {
    const { name } = trajectory;
    rows.push(row(trajectory));
    writeFileSync(join(images, `fidelity-${name}.svg`), figure(trajectory));
    sections.push(
      `### ${CASES[name]!.title}`,
      '',
      `![Loss terms of ${name}, ours and PyTorch's](images/fidelity-${name}.svg)`,
      '',
    );
    console.log(rows.at(-1));
  }
  const text = [
    `DeepLabV3-ResNet18 at width ${setting.width}, ${setting.classes} classes, ${setting.batch} images of ${setting.size} x ${setting.size}, ${setting.steps} steps. ${engine.describe().summary}`,
    '',
    '| case | loss terms: ours and PyTorch float32 | ours and float64 | PyTorch float32 and float64 | final weights: ours and float32 | ours and float64 | float32 and float64 |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
    ...sections,
  ].join('\n');
  writeFileSync(page, between(readFileSync(page, 'utf8'), text.trimEnd()));
}

function row({ name, ours, pytorch, weights }: Trajectory): string {
  const terms = (a: Curve, b: Curve) => largestDifference(a, b).relative.toExponential(1);
  const apart = (a: keyof typeof weights, b: keyof typeof weights) =>
    distance(weights[a], weights[b]).toExponential(1);
  const cells = [
    `\`${name}\``,
    terms(ours, pytorch.float32),
    terms(ours, pytorch.float64),
    terms(pytorch.float32, pytorch.float64),
    apart('ours', 'float32'),
    apart('ours', 'float64'),
    apart('float32', 'float64'),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** What the script writes lies between two comments of the page; the rest is written by hand. */
function between(old: string, text: string): string {
  const [before, rest] = old.split('<!-- trajectories: written by npm run fidelity -->');
  const after = rest?.split('<!-- end of trajectories -->')[1];
  if (after === undefined) throw new Error(`${page} has lost its marks`);
  return `${before}<!-- trajectories: written by npm run fidelity -->\n\n${text}\n\n<!-- end of trajectories -->${after}`;
}

/** Every term by step: PyTorch in float64 as a line, ours as dots on it. */
function figure({ ours, pytorch }: Trajectory): string {
  const [width, height, left, bottom, top, right] = [720, 320, 56, 36, 16, 170];
  const curve = pytorch.float64;
  const terms = Object.keys(curve[0]!);
  const high = Math.max(...curve.flatMap((step) => Object.values(step)));
  const x = (step: number) => round(left + ((width - left - right) * step) / (curve.length - 1));
  const y = (value: number) => round(height - bottom - ((height - bottom - top) * value) / high);
  const unit = 10 ** Math.floor(Math.log10(high));
  const marks = Array.from({ length: Math.floor(high / unit) + 1 }, (_, i) => i * unit);
  const parts = terms.map((term, i) => {
    const color = COLORS[i % COLORS.length]!;
    const line = curve.map((step, at) => `${at === 0 ? 'M' : 'L'}${x(at)} ${y(step[term]!)}`).join('');
    const dots = ours.map(
      (step, at) => `<circle cx="${x(at)}" cy="${y(step[term]!)}" r="2.6" fill="${color}"/>`,
    );
    const at = top + 20 * i + 8;
    return `<path d="${line}" fill="none" stroke="${color}" stroke-width="1.4"/>${dots.join('')}<circle cx="${width - right + 20}" cy="${at}" r="4" fill="${color}"/><text x="${width - right + 30}" y="${at + 4}">${term}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#666">
<rect width="${width}" height="${height}" fill="#fff"/>
${marks.map((mark) => `<line x1="${left}" x2="${width - right}" y1="${y(mark)}" y2="${y(mark)}" stroke="#e4e4e4"/><text x="${left - 8}" y="${y(mark) + 4}" text-anchor="end">${round(mark)}</text>`).join('\n')}
${parts.join('\n')}
<text x="${width - right}" y="${height - 12}" text-anchor="end">step 1 to ${curve.length}; line: PyTorch, float64; dots: ours</text>
</svg>
`;
}

function round(value: number): number {
  return Math.round(100 * value) / 100;
}

void main();
