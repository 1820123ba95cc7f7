import { crossEntropy } from '../../src/distill/losses/cross-entropy';
import { cwd } from '../../src/distill/losses/cwd';
import { type Case, close } from './cases';
import { commonInputs } from './inputs';

/** Values of the official modules whose gradients are compared at other inputs in loss-cases.ts. */
export const kdCases: Case[] = [
  {
    name: 'G2: cross entropy of the teacher',
    run(engine) {
      const { T, labels } = commonInputs(engine);
      close(crossEntropy(engine, T, labels), 3.53032838935);
    },
  },
  {
    name: 'G4: channel-wise distillation at temperature 1',
    run(engine) {
      const { S, T } = commonInputs(engine);
      close(cwd(engine, S, T, { temperature: 1 }), 2.66904275985);
    },
  },
];
