/** One answer of one model to one prompt, through its chat template where it has one. */
import type { Generation } from '../../main/contract/inspection.ts';
import type { ParsedInput } from '../../main/contract/requests.ts';
import { openGenerator } from '../../main/engine/model/generate.ts';
import { loadTensorFlow } from '../../main/engine/runtime/tensorflow.ts';
import { loadTokenizer } from '../../main/engine/tokenizer/tokenizer.ts';
import { modelSource } from '../../main/engine/train/model-source.ts';

export async function generate(input: ParsedInput<'generate'>): Promise<Generation> {
  const started = performance.now();
  const { base, adapter } = modelSource(input.model);
  const tokenizer = loadTokenizer(base);
  const text = tokenizer.hasChatTemplate
    ? tokenizer.renderChat([{ role: 'user', content: input.prompt }], { addGenerationPrompt: true })
    : input.prompt;
  loadTensorFlow();
  const generator = await openGenerator({
    modelDir: base,
    ...(adapter === null ? {} : { adapterDir: adapter }),
  });
  try {
    const { maxNewTokens, temperature, topP, seed } = input;
    const options = { maxNewTokens, temperature, topP, seed, stopIds: tokenizer.stopIds };
    const [answer] = await generator.generate([tokenizer.encode(text)], options);
    if (answer === undefined) throw new Error('One prompt has one answer.');
    return {
      prompt: input.prompt,
      ids: answer.ids,
      text: tokenizer.decode(answer.ids, { skipSpecialTokens: true }),
      finishReason: answer.finishReason,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    generator.close();
  }
}
