import { crossEntropy } from '../../src/distill/losses/cross-entropy';
import { cwd } from '../../src/distill/losses/cwd';
import { kd } from '../../src/distill/losses/kd';
import { type Case, close } from './cases';
import { commonInputs } from './inputs';

export const kdCases: Case[] = [
  {
    name: 'G1, G2: cross entropy',
    run(engine) {
      const { S, T, labels } = commonInputs(engine);
      close(crossEntropy(engine, S, labels), 2.47492402449);
      close(crossEntropy(engine, T, labels), 3.53032838935);
    },
  },
  {
    name: 'G3: KD at temperatures 1 and 4',
    run(engine) {
      const { S, T } = commonInputs(engine);
      close(kd(engine, S, T, { temperature: 1 }), 2.54142712476);
      close(kd(engine, S, T, { temperature: 4 }), 5.42856799516);
    },
  },
  {
    name: 'G4: channel-wise distillation at temperatures 4 and 1',
    run(engine) {
      const { S, T } = commonInputs(engine);
      close(cwd(engine, S, T, { temperature: 4 }), 5.62383733781);
      close(cwd(engine, S, T, { temperature: 1 }), 2.66904275985);
    },
  },
];
