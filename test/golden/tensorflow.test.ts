import { openEngine } from '../../src/engine/open';
import { findTensorFlow } from '../../src/engine/tensorflow-home';
import { runCases } from './cases';
import { discriminatorCases } from './discriminator-cases';
import { hardPixelCases } from './hard-pixel-cases';
import { kdCases } from './kd-cases';
import { ladCases } from './lad-cases';
import { lossesAsInPyTorch } from './loss-cases';
import { rddCases } from './rdd-cases';
import { segmenterCases } from './segmenter-cases';

const search = findTensorFlow();
const required = process.env.DISTILL_REQUIRE_TENSORFLOW === '1';

runCases(
  [
    ...kdCases,
    ...ladCases,
    ...rddCases,
    ...segmenterCases,
    ...hardPixelCases,
    ...lossesAsInPyTorch,
    ...discriminatorCases,
  ],
  () => openEngine('tensorflow'),
  search.found || required ? undefined : search.reason,
);
