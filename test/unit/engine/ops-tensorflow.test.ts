import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openEngine } from '../../../src/engine/open';
import { findTensorFlow } from '../../../src/engine/tensorflow-home';
import { describeOps } from './check-engine';
import { describeTraining } from './check-training';

const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';
const skip = search.found || required ? false : search.reason;

describe('the tensorflow engine', { skip }, () => {
  it('opens', async () => {
    const engine = await openEngine('tensorflow');
    assert.equal(engine.name, 'tensorflow');
    assert.match(engine.describe().versions.tensorflow!, /^\d+\.\d+\.\d+/);
  });
});

describeOps('tensorflow', () => openEngine('tensorflow'), skip);
describeTraining('tensorflow', () => openEngine('tensorflow'), skip);
