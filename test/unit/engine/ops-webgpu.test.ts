import { openEngine } from '../../../src/engine/open';
import { useSoftwareAdapter } from '../../lib/software-gpu';
import { describeOps } from './check-engine';
import { describeTraining } from './check-training';

const skip = useSoftwareAdapter();
describeOps('webgpu', () => openEngine('webgpu'), skip);
describeTraining('webgpu', () => openEngine('webgpu'), skip);
