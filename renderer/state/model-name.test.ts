import { expect, test } from 'vitest';
import { modelName } from './model-name.ts';

test.each([
  ['/data/runs/demo-1/checkpoints/sft/step-512', 'demo-1, sft step 512'],
  ['C:\\runs\\demo-1\\checkpoints\\joint\\step-64', 'demo-1, joint step 64'],
  ['/data/runs/demo-1/stages/extract/model', 'demo-1, result'],
  ['/data/runs/demo-1/model', 'demo-1, result'],
  ['/models/Qwen3-4B/', 'Qwen3-4B'],
])('%s', (path, name) => expect(modelName(path)).toBe(name));
