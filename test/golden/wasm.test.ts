import { openEngine } from '../../src/engine/open';
import { runCases } from './cases';
import { discriminatorCases } from './discriminator-cases';
import { hardPixelCases } from './hard-pixel-cases';
import { kdCases } from './kd-cases';
import { ladCases } from './lad-cases';
import { lossesAsInPyTorch } from './loss-cases';
import { rddCases } from './rdd-cases';
import { segmenterCases } from './segmenter-cases';

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
  () => openEngine('wasm'),
);
