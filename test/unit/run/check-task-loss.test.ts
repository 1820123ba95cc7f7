import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../../src/run/check-config';

/** Severity, place and message of every problem of a configuration with this training and these methods. */
function problems(training: object, methods: object[] = [], networks: object = {}): string[] {
  const config = {
    dataset: { kind: 'sample' },
    student: { model: 'stdc', backbone: 'stdc1' },
    training: { crop: [64, 32], ...training },
    methods,
    ...networks,
  };
  return checkConfig(JSON.stringify(config), '/nowhere/a.distill.json').problems.map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

/** Expects exactly one problem. */
function only(found: string[], expected: RegExp): void {
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0]!, expected);
}

test('hard pixels are mined by one at a time: RDD weights those of the student itself', () => {
  for (const form of ['stdc', 'mmseg'])
    only(
      problems({ ohem: { form } }, [{ kind: 'rdd' }]),
      /^error training\.ohem\.form: "rdd" decides by itself which pixels of the student count/,
    );
  assert.deepEqual(problems({}, [{ kind: 'rdd' }]), []);
  assert.deepEqual(problems({ ohem: { form: 'none' } }, [{ kind: 'rdd' }]), []);
  assert.deepEqual(problems({ ohem: { form: 'mmseg' } }, [{ kind: 'lad' }]), []);
});

test('more pixels cannot be kept than a crop has', () => {
  only(
    problems({ ohem: { minKept: 2049 } }),
    /^error training\.ohem\.minKept: A crop of 64 x 32 has 2048 pixels/,
  );
  assert.deepEqual(problems({ ohem: { minKept: 2048 } }), []);
});

test('a threshold that nothing reads is pointed at', () => {
  only(
    problems({ ohem: { form: 'none', threshold: 0.6 } }),
    /^warning training\.ohem\.threshold: "threshold" has no effect with "form": "none"/,
  );
});

test('a weight for detail that no network of the run draws is pointed at', () => {
  const without = { student: { model: 'stdc', backbone: 'stdc2', auxHead: false } };
  const stdc = { model: 'stdc', backbone: 'stdc1' };
  only(problems({ detailWeight: 2 }, [], without), /^warning training\.detailWeight: .* has no effect/);
  assert.deepEqual(problems({ detailWeight: 2 }), []);
  assert.deepEqual(problems({ detailWeight: 2 }, [{ kind: 'kd' }], { ...without, teacher: stdc }), []);
});

test('values are checked where they stand', () => {
  only(problems({ ohem: { threshold: 1.5 } }), /^error training\.ohem\.threshold: /);
  only(problems({ detailWeight: -1 }), /^error training\.detailWeight: /);
});
