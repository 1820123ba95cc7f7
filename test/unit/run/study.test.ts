import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RandomStream } from '../../../src/engine/random';
import { DistillError } from '../../../src/protocol/errors';
import { checkStudyFile, loadStudy } from '../../../src/run/study/load';
import { mergePatch } from '../../../src/run/study/merge-patch';
import { configTextOf, fingerprint } from '../../../src/run/study/plan';
import { bootstrapInterval, standardDeviation, studentInterval } from '../../../src/run/study/statistics';

const folder = mkdtempSync(join(tmpdir(), 'distill-study-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function close(actual: readonly number[] | undefined, expected: readonly number[], tolerance: number): void {
  assert.ok(actual);
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(actual[i]! - value) <= tolerance, `${actual[i]} is not ${value}`);
}

describe('statistics', () => {
  // Expected: NumPy 2 and SciPy (itertools.product over all draws, percentile; t.interval; std with ddof=1).
  const values = [0.012, -0.003, 0.021];
  test('few values are resampled in all ways', () => {
    const never = () => assert.fail('nothing is drawn');
    close(bootstrapInterval(values, 20_000, never), [0.00025, 0.01905], 1e-12);
  });
  test('of more values the mean of draws is about normal', () => {
    const random = RandomStream.seeded(1, 'test');
    const many = Array.from({ length: 40 }, () => random.normal());
    const interval = bootstrapInterval(many, 20_000, () => random.uniform());
    const center = many.reduce((a, b) => a + b) / 40;
    const error = (1.96 * standardDeviation(many)! * Math.sqrt(39 / 40)) / Math.sqrt(40);
    close(interval, [center - error, center + error], 0.02);
  });
  test("Student's interval, in the table and beyond", () => {
    close(studentInterval(values), [-0.020118569108246234, 0.04011856910824624], 1e-6);
    close(
      studentInterval(Array.from({ length: 40 }, (_, i) => i / 100)),
      [0.1576121208502491, 0.23238787914975093],
      1e-5,
    );
    assert.equal(studentInterval([1]), undefined);
  });
});

test('merge patches are those of RFC 7396', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases) assert.deepEqual(mergePatch(target, patch), result);
  mergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
});

describe('a study', () => {
  const base = {
    dataset: { kind: 'sample' },
    student: { width: 0.25, init: 'x.safetensors' },
    training: { iterations: 10, crop: [64, 64], batch: 2 },
  };
  let count = 0;
  const write = (study: object): string => {
    const file = join(folder, `${++count}.study.json`);
    writeFileSync(file, `// a study\n${JSON.stringify(study)}`);
    return file;
  };
  const { init: _, ...student } = base.student;
  const plain = { ...base, student };

  test('trains all arms of a seed before the next seed, and merges what an arm changes', () => {
    const plan = loadStudy(
      write({
        name: 'small',
        base: plain,
        seeds: [3, 5],
        arms: [
          { name: 'teacher', config: { student: { width: 0.5 } } },
          { name: 'kd', teacher: 'teacher', config: { methods: [{ kind: 'kd' }] } },
        ],
      }),
    );
    assert.deepEqual(
      plan.cells.map(({ key }) => key),
      ['teacher/3', 'kd/3', 'teacher/5', 'kd/5'],
    );
    assert.equal(plan.reference.name, 'teacher');
    assert.equal(plan.configs.get('teacher')!.student.width, 0.5);
    const weights = join(folder, '.distill/runs/r/checkpoints/student-000010/student.safetensors');
    const config = JSON.parse(configTextOf(plan, plan.cells[3]!, weights));
    assert.equal(config.training.seed, 5);
    assert.deepEqual(config.student, { width: 0.25 });
    assert.deepEqual(config.teacher, {
      width: 0.5,
      checkpoint: '.distill/runs/r/checkpoints/student-000010/student.safetensors',
    });
    assert.notEqual(
      fingerprint(configTextOf(plan, plan.cells[0]!)),
      fingerprint(configTextOf(plan, plan.cells[2]!)),
    );
  });

  const refused: [string, object, RegExp][] = [
    ['a seed twice', { seeds: [1, 1] }, /Every seed once/],
    ['a name twice', { arms: [{ name: 'a' }, { name: 'a' }] }, /two arms "a"/],
    [
      'a teacher that comes later',
      { arms: [{ name: 'a', teacher: 'b' }, { name: 'b' }] },
      /before this one is named "b"/,
    ],
    ['an unknown reference', { reference: 'zero' }, /No arm is named "zero"/],
    ['an unknown field', { sedes: [1] }, /sedes/],
    [
      'an arm that cannot be trained',
      { arms: [{ name: 'a', config: { training: { crop: [65, 64] } } }] },
      /"a" cannot be trained[\s\S]*crop/,
    ],
  ];
  for (const [what, change, message] of refused)
    test(`refuses ${what}, with the place`, () => {
      const file = write({ name: 'small', base: plain, seeds: [1], arms: [{ name: 'a' }], ...change });
      assert.throws(
        () => loadStudy(file),
        (error: DistillError) =>
          error.code === 'config-invalid' && error.where === file && message.test(error.message),
      );
    });

  test('a file that is not JSON is refused with the line', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{\n  "name": }');
    assert.throws(
      () => loadStudy(file),
      (error) =>
        error instanceof DistillError &&
        error.code === 'config-syntax' &&
        error.message.includes(`${file}:2:11: `),
    );
  });

  test('everything that is wrong is told where it is written: in an arm, in the base once, or as a warning', () => {
    const training = { ...plain.training, batch: 1 };
    const file = write({
      name: 'small',
      base: { ...plain, training },
      seeds: [1],
      arms: [
        { name: 'a', config: { training: { crop: [65, 64] } } },
        { name: 'b', config: { teacher: { width: 0.5 } } },
      ],
    });
    const { plan, lines } = checkStudyFile(file);
    assert.equal(plan, undefined);
    const text = readFileSync(file, 'utf8').split('\n')[1]!;
    const told = lines.map((line) => {
      const [, column, message] = /^.*:2:(\d+): (.*)$/.exec(line) ?? assert.fail(line);
      return `${text.slice(Number(column) - 1, Number(column) + 1)} ${message}`;
    });
    assert.equal(told.length, 3, told.join('\n'));
    assert.match(told[0]!, /^65 arm "a": training\.crop\[0\]: The height/);
    assert.match(told[1]!, /^1. training\.batch: A batch of 1 cannot train/);
    assert.match(told[2]!, /^"t warning: arm "b": teacher: No method uses a teacher/);
  });
});
