/** What a model's folder is called where there is room for a few words. */
import { lastPart } from './numbers.ts';

/** "demo-1, sft step 512" for a checkpoint of a run, "demo-1, result" for what it left. */
export function modelName(path: string): string {
  const checkpoint = /([^\\/]+)[\\/]checkpoints[\\/]([\w-]+)[\\/]step-(\d+)[\\/]?$/.exec(path);
  if (checkpoint !== null) return `${checkpoint[1]}, ${checkpoint[2]} step ${checkpoint[3]}`;
  const result = /([^\\/]+)[\\/](?:stages[\\/]extract[\\/])?model[\\/]?$/.exec(path);
  return result === null ? lastPart(path) : `${result[1]}, result`;
}
