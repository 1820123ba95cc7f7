import type { Case } from './cases';
import { discriminatorCases } from './discriminator-cases';
import { hardPixelCases } from './hard-pixel-cases';
import { kdCases } from './kd-cases';
import { ladCases } from './lad-cases';
import { lossesAsInPyTorch } from './loss-cases';
import { rddCases } from './rdd-cases';
import { segmenterCases } from './segmenter-cases';

/** What every engine has to pass. */
export const allCases: Case[] = [
  ...kdCases,
  ...ladCases,
  ...rddCases,
  ...segmenterCases,
  ...hardPixelCases,
  ...lossesAsInPyTorch,
  ...discriminatorCases,
];
