import { openEngine } from '../../src/engine/open';
import { findTensorFlow } from '../../src/engine/tensorflow-home';
import { runCases } from './cases';
import { parityCases } from './network-parity';

/** The networks as they are published; the narrow ones of the other files run on every engine. */
const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';
runCases(
  parityCases('published'),
  () => openEngine('tensorflow'),
  search.found || required ? undefined : search.reason,
);
