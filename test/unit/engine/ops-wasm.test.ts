import { openEngine } from '../../../src/engine/open';
import { describeOps } from './check-engine';
import { describeTraining } from './check-training';

describeOps('wasm', () => openEngine('wasm'), false);
describeTraining('wasm', () => openEngine('wasm'), false);
