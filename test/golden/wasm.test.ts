import { openEngine } from '../../src/engine/open';
import { allCases } from './all-cases';
import { runCases } from './cases';

runCases(allCases, () => openEngine('wasm'));
