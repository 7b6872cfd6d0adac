import { describe, expect, it } from 'vitest';
import { chooseGpu, describeGpu, parseGpus } from './gpu.ts';

const cuda = {
  build: 'cuda',
  gpuRefused: null,
  computeCapability: [6, 10] as [number, number],
} as const;

describe('parseGpus', () => {
  it('reads the lines of nvidia-smi', () => {
    const csv =
      'NVIDIA GeForce RTX 4090, 8.9, 550.54.14, 24564\nNVIDIA H100 80GB HBM3, 9.0, 535.183.01, 81559\n';
    expect(parseGpus(csv)).toEqual([
      {
        name: 'NVIDIA GeForce RTX 4090',
        computeCapability: 8.9,
        driver: '550.54.14',
        memoryBytes: 24564 * 2 ** 20,
      },
      {
        name: 'NVIDIA H100 80GB HBM3',
        computeCapability: 9,
        driver: '535.183.01',
        memoryBytes: 81559 * 2 ** 20,
      },
    ]);
  });

  it('accepts unknown memory and Windows line ends, and skips what is not a GPU', () => {
    expect(parseGpus('NVIDIA GB10, 12.1, 580.95.05, [N/A]\r\n')).toEqual([
      { name: 'NVIDIA GB10', computeCapability: 12.1, driver: '580.95.05', memoryBytes: 0 },
    ]);
    expect(parseGpus('No devices were found\n')).toEqual([]);
    expect(parseGpus('Tesla K80, [N/A], 470.82.01, 11441\n')).toEqual([]);
  });
});

describe('chooseGpu', () => {
  const newer = parseGpus('NVIDIA GeForce RTX 5090, 12.0, 570.86.16, 32607');
  const older = parseGpus('NVIDIA GeForce GTX 980, 5.2, 550.54.14, 4096');
  const fitting = parseGpus('NVIDIA GeForce RTX 4090, 8.9, 550.54.14, 24564');

  it('takes the first GPU that the build has kernels for', () => {
    expect(chooseGpu([...newer, ...fitting], cuda)).toEqual(fitting[0]);
  });

  it('refuses newer and older ones and says why', () => {
    expect(chooseGpu(newer, cuda)).toEqual({
      refused:
        'NVIDIA GeForce RTX 5090 has compute capability 12.0; this TensorFlow has kernels for 6.0 to 9.0',
    });
    expect(chooseGpu(older, cuda)).toHaveProperty('refused');
  });

  it('says that a CPU build cannot use a fitting GPU', () => {
    expect(chooseGpu(fitting, { ...cuda, build: 'cpu' })).toEqual({
      refused: 'NVIDIA GeForce RTX 4090: TensorFlow is set up for the CPU only',
    });
  });

  it('is null without a GPU', () => {
    expect(chooseGpu([], cuda)).toBeNull();
  });
});

describe('describeGpu', () => {
  const runtime = { ...cuda, tensorflow: '2.21.0', libraries: '/nowhere' };
  it('is null where there is no nvidia-smi', () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      expect(describeGpu(runtime)).toBeNull();
    } finally {
      process.env['PATH'] = path;
    }
  });
});
