import { openEngine } from '../../src/engine/open';
import { findTensorFlow } from '../../src/engine/tensorflow-home';
import { allCases } from './all-cases';
import { runCases } from './cases';

const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';

runCases(allCases, () => openEngine('tensorflow'), search.found || required ? undefined : search.reason);
