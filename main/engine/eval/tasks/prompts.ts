/**
 * The system prompt of the paper's protocol, letter by letter as in its reference implementation
 * (utils/prompts.py, the form with \boxed{}): models trained on think/answer data expect it.
 * The form without the box is what its evaluator sends by default; `boxed: false` reproduces that.
 */
const shared =
  'You are a helpful assistant. To answer the user’s question, you first think about the reasoning ' +
  'process and then provide the user with the answer. The reasoning process and answer are enclosed ' +
  'within <think> and <answer> tags, respectively, i.e., <think> reasoning process here </think> ';

export const paperPrompt = `${shared}<answer> \\boxed{answer here} </answer>.`;
export const paperPromptUnboxed = `${shared}<answer> answer here </answer>.`;
