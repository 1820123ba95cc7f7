import type { Case } from './cases';
import { parityCases } from './network-parity';

/** Files of pytorch/ whose networks are compared, each written by the script of its name. */
const FIXTURES = ['cirkd-resnet18', 'cirkd-others', 'mmseg', 'stdc', 'ocrnet'];

export const segmenterCases: Case[] = FIXTURES.flatMap(parityCases);
