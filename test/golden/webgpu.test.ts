import { openEngine } from '../../src/engine/open';
import { useSoftwareAdapter } from '../lib/software-gpu';
import { runCases } from './cases';
import { hardPixelCases } from './hard-pixel-cases';
import { kdCases } from './kd-cases';
import { ladCases } from './lad-cases';
import { lossesAsInPyTorch } from './loss-cases';
import { rddCases } from './rdd-cases';
import { segmenterCases } from './segmenter-cases';

/** A software adapter takes minutes for what is larger; the networks themselves are tested on the other engines. */
const small = segmenterCases.filter(({ name }) =>
  /^N3: (deeplabv3|pspnet)-resnet18, width 0\.125, 33x41/.test(name),
);

/** Likewise: its shaders take seconds to compile. The two that are made of most. */
const losses = lossesAsInPyTorch.filter(({ name }) => /^(G8|G15):/.test(name));

const skip = useSoftwareAdapter();
runCases(
  [...kdCases, ...ladCases, ...rddCases, ...hardPixelCases, ...losses, ...small],
  () => openEngine('webgpu'),
  skip || undefined,
);
