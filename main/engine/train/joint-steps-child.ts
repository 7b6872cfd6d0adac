/**
 * A process for determinism.test.ts: three joint steps of both models on the reference batch; prints a
 * hash of every parameter and moment, bit for bit.
 */
import { createHash } from 'node:crypto';
import { batchShape, fixtureBatch } from '../../fixtures/reference-batch.ts';
import { readFixtureTensors } from '../../fixtures/reference-files.ts';
import { accumulate, gradientNorm, openTraining, referenceOptimizer } from '../../fixtures/reference-training.ts'; // prettier-ignore
import { trainedParameters } from '../model/variables.ts';
import { clippingFactor, updateScalarsAt } from '../optim/adamw.ts';

const batch = fixtureBatch(readFixtureTensors('mixed_loss.safetensors'), 'batch', 144);
const weak = { name: 'base', trained: 'all' } as const;
const training = await openTraining('strong', weak, { shapes: [batchShape(batch)] });
const losses: number[] = [];
for (let step = 1; step <= 3; step++) {
  losses.push(accumulate(training, batch, { lambda: 0.5 }).loss);
  const clip = clippingFactor(gradientNorm(training, ['strong', 'weak']), 1);
  training.session.call('apply', { ...updateScalarsAt(step, 1e-3, clip, referenceOptimizer) });
  training.atWindowStart = true;
}
const hash = createHash('sha256');
for (const parameter of training.trained.flatMap(trainedParameters)) {
  const { firstMoment, secondMoment } = parameter.training;
  for (const { name } of [parameter.variable, firstMoment, secondMoment]) {
    for (const piece of training.session.read(name)) hash.update(piece);
  }
}
process.stdout.write(JSON.stringify({ losses, hash: hash.digest('hex') }));
training.session.close();
