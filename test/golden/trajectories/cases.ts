/** One training that is compared: what trains, with which methods, from which files of `prepare`. */
export interface Case {
  title: string;
  stage: 'teacher' | 'student';
  methods: object[];
  /** Files of `prepare`. */
  network: string;
  teacher?: string;
  /** Input channels of the network in training, and of the teacher. */
  inputs: number;
  teacherInputs: number;
}

export const CASES: Record<string, Case> = {
  'lad-teacher': {
    title: 'LAD, the teacher: two noised paths and their consistency',
    stage: 'teacher',
    methods: [{ kind: 'lad' }],
    network: 'lad-teacher',
    inputs: 4,
    teacherInputs: 4,
  },
  'lad-student': {
    title: 'LAD, the student: channel-wise distillation from a teacher that sees the label',
    stage: 'student',
    methods: [{ kind: 'lad' }],
    network: 'student',
    teacher: 'lad-taught',
    inputs: 3,
    teacherInputs: 4,
  },
  rdd: {
    title: 'RDD: teacher-full evaluation, then teacher-student evaluation, and KD',
    stage: 'student',
    methods: [{ kind: 'rdd', warmup: 0.5 }],
    network: 'student',
    teacher: 'teacher',
    inputs: 3,
    teacherInputs: 3,
  },
  cirkd: {
    title: 'CIRKD, all terms: KD, the pixels of the batch, memories of pixels and of regions',
    stage: 'student',
    methods: [
      { kind: 'kd' },
      // Queues that wrap around within the run.
      { kind: 'cirkd', memory: { pixels: 100, regions: 30, pixelContrast: 200, regionContrast: 60 } },
    ],
    network: 'student',
    teacher: 'teacher',
    inputs: 3,
    teacherInputs: 3,
  },
};
