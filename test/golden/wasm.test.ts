import { openEngine } from '../../src/engine/open';
import { runCases } from './cases';
import { kdCases } from './kd-cases';
import { ladCases } from './lad-cases';
import { rddCases } from './rdd-cases';
import { segmenterCases } from './segmenter-cases';

runCases([...kdCases, ...ladCases, ...rddCases, ...segmenterCases], () => openEngine('wasm'));
