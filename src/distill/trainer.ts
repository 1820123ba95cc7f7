import type { Train } from './host';
import { openSession } from './session';
import { runStage } from './stage';

/**
 * Trains a run to its end: its stages in order, with evaluations, pictures and checkpoints, all told to the host. The
 * same configuration, dataset and seed give the same run on a CPU engine, bit for bit, and a run resumed from one of its
 * checkpoints equals the uninterrupted one. A teacher teaches with its last weights, as they are when its stage ends.
 *
 * @returns `stopped` when the host asked for it (after a checkpoint), else `finished`
 * Errors: config-invalid, numeric, checkpoint-*, and those of the dataset, the engine and the host. Checkpoints written
 * before are good.
 */
export const train: Train = async (job) => {
  const session = await openSession(job);
  try {
    const resumed = session.stages.findIndex(({ stage }) => stage === job.resumeFrom?.stage);
    for (let index = Math.max(0, resumed); index < session.stages.length; index++)
      if ((await runStage(session, index)) === 'stopped') return 'stopped';
    return 'finished';
  } finally {
    for (const network of Object.values(session.networks)) network?.dispose();
  }
};
