import { openEngine } from '../../../src/engine/open';
import { describeOps } from './check-engine';

describeOps('wasm', () => openEngine('wasm'), false);
