import { openEngine } from '../../../src/engine/open';
import { findTensorFlow } from '../../../src/engine/tensorflow-home';
import { describeLeaks } from './check-leaks';

const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';

describeLeaks('tensorflow', () => openEngine('tensorflow'), search.found || required ? false : search.reason);
