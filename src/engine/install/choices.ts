import type { SetUpChoice } from '../../protocol/doctor';
import { WEBGPU_VERSION } from '../webgpu/home';
import { NEEDED_BYTES } from './candidates';
import { missingCuda } from './cuda-libraries';
import { TENSORFLOW_VERSION } from './libraries';
import { findPip } from './pip';
import { findPythonTensorFlow } from './python-env';
import { runTool } from './run-tool';

const CUDA = 'NVIDIA driver 525.60 or newer; CUDA 12 and cuDNN 9 come with it.';

/** The ways to set engines up on this machine, the most convenient first, with what each needs. */
export async function setUpChoices(
  options: { python?: string | undefined; workspace?: string } = {},
): Promise<SetUpChoice[]> {
  const [{ found, refused }, pip, npm] = await Promise.all([
    findPythonTensorFlow(options),
    pipProblem(options.python),
    npmProblem(),
  ]);
  const linux = process.platform === 'linux';
  const noCuda = linux ? undefined : `TensorFlow has no GPU build for ${process.platform}.`;
  const environments: SetUpChoice[] =
    found.length === 0
      ? [
          {
            engine: 'tensorflow',
            source: 'python',
            gpu: false,
            title: 'TensorFlow of a Python environment',
            download: 0,
            disk: 0,
            time: 'seconds',
            needs: 'TensorFlow 2.13 or newer in .venv, venv, the selected interpreter or python3.',
            refused: refused[0] ?? 'No Python environment with TensorFlow was found.',
          },
        ]
      : found.map(({ environment, version, cuda, preload }) => ({
          engine: 'tensorflow',
          source: 'python',
          gpu: cuda !== null && missingCuda(preload).length === 0,
          title: `TensorFlow ${version} of ${environment}`,
          download: 0,
          disk: 0,
          time: 'seconds',
          needs: `Used where it is${cuda ? `; built for CUDA ${cuda.cuda}` : '; computes on the CPU'}.`,
          python: environment,
        }));
  const minutes = '1 to 5 min';
  return [
    ...environments,
    {
      engine: 'tensorflow',
      source: 'pip',
      gpu: false,
      title: `TensorFlow ${TENSORFLOW_VERSION} for the CPU, with pip`,
      ...NEEDED_BYTES.cpu,
      time: minutes,
      needs: 'Python 3 with pip and its package index.',
      ...(pip ? { refused: pip } : {}),
    },
    {
      engine: 'tensorflow',
      source: 'pip',
      gpu: true,
      title: `TensorFlow ${TENSORFLOW_VERSION} for an NVIDIA GPU, with pip`,
      ...NEEDED_BYTES.cuda,
      time: '10 min or more',
      needs: `${CUDA} Python 3 with pip and its package index.`,
      ...(noCuda || pip ? { refused: noCuda ?? pip } : {}),
    },
    {
      engine: 'tensorflow',
      source: 'index',
      gpu: false,
      title: `TensorFlow ${TENSORFLOW_VERSION} from a package index`,
      ...NEEDED_BYTES.cpu,
      time: minutes,
      needs: 'The address of an index; no Python. A broken download goes on where it ended.',
    },
    {
      engine: 'tensorflow',
      source: 'wheel',
      gpu: false,
      title: 'A wheel or archive on this disk',
      download: 0,
      disk: NEEDED_BYTES.cpu.disk,
      time: 'less than 1 min',
      needs: 'A wheel of tensorflow or tensorflow-cpu, or an archive of libtensorflow. No network.',
    },
    {
      engine: 'tensorflow',
      source: 'npm',
      gpu: false,
      title: "The npm package's own library, TensorFlow 2.9.1",
      ...NEEDED_BYTES.npmCpu,
      time: minutes,
      needs:
        'For where nothing else works: old. No Python; the download server of @tensorflow/tfjs-node-gpu.',
    },
    {
      engine: 'webgpu',
      source: 'npm',
      gpu: true,
      title: `WebGPU (Dawn ${WEBGPU_VERSION}), for a GPU of any maker`,
      download: 51e6,
      disk: 96e6,
      time: 'less than 1 min',
      needs: 'A GPU with its driver (Vulkan, Direct3D 12 or Metal) and npm.',
      ...(npm ? { refused: npm } : {}),
    },
  ];
}

async function pipProblem(python: string | undefined): Promise<string | undefined> {
  try {
    await findPip(python);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function npmProblem(): Promise<string | undefined> {
  const { code } = await runTool(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['--version'], {
    timeoutMs: 30_000,
  });
  return code === 0
    ? undefined
    : 'npm was not found. Install Node.js, or get the package elsewhere (--package FILE).';
}
