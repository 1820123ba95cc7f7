import { openEngine } from '../../src/engine/open';
import { useSoftwareAdapter } from '../lib/software-gpu';
import { runCases } from './cases';
import { hardPixelCases } from './hard-pixel-cases';
import { kdCases } from './kd-cases';
import { ladCases } from './lad-cases';
import { rddCases } from './rdd-cases';
import { segmenterCases } from './segmenter-cases';

/** A software adapter takes minutes for what is larger; the networks themselves are tested on the other engines. */
const small = segmenterCases.filter(({ name }) =>
  /^N3: (deeplabv3|pspnet)-resnet18, width 0\.125, 33x41/.test(name),
);

const skip = useSoftwareAdapter();
runCases(
  [...kdCases, ...ladCases, ...rddCases, ...hardPixelCases, ...small],
  () => openEngine('webgpu'),
  skip || undefined,
);
