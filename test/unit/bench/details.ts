import type { Detail } from '../../../bench/results';

/** A measured row, for tests. */
export function detail(change: Partial<Detail>): Detail {
  return {
    name: 'student-step-128',
    engine: 'tensorflow',
    ours: [300, 310, 320],
    pytorch: { contiguous: [330, 340, 350], channels_last: [360, 370, 380] },
    gflop: 48.5,
    sgemm: 200,
    idle: 0.01,
    others: 0.02,
    repeated: 0,
    agreement: 1e-7,
    machine: 'a processor, 2 processors, 8 GiB, Linux 6.1',
    versions: { node: '20.0.0', torch: '2.13.0' },
    ...change,
  };
}
