// Sets the TensorFlow engine up where it is not; fails when that cannot be done. Needs a build.
import { ensureTensorFlow } from './lib/steps.mjs';

process.exit((await ensureTensorFlow()) ? 0 : 1);
