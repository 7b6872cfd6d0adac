/**
 * Sizes of Qwen3 models that can be made from nothing: the embedded demo's, a small one for trying
 * things on a CPU, and two of the published ones (their own config.json values), for full-size checks
 * without a download.
 */
export interface ModelShape {
  /** Absent: as many rows as the tokenizer has tokens, rounded up to 64. */
  vocabularySize?: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headDim: number;
  ropeTheta: number;
  tieWordEmbeddings: boolean;
  maxPositions: number;
}

export const modelShapes = {
  /** 1.4 million parameters with the demo's tokenizer. */
  demo: {
    hiddenSize: 160,
    intermediateSize: 448,
    layers: 5,
    heads: 4,
    keyValueHeads: 2,
    headDim: 32,
    ropeTheta: 10_000,
    tieWordEmbeddings: true,
    maxPositions: 1024,
  },
  /** 12 million parameters beside the embedding. */
  '12m': {
    hiddenSize: 384,
    intermediateSize: 1024,
    layers: 8,
    heads: 6,
    keyValueHeads: 2,
    headDim: 64,
    ropeTheta: 1_000_000,
    tieWordEmbeddings: true,
    maxPositions: 4096,
  },
  'qwen3-0.6b': {
    vocabularySize: 151_936,
    hiddenSize: 1024,
    intermediateSize: 3072,
    layers: 28,
    heads: 16,
    keyValueHeads: 8,
    headDim: 128,
    ropeTheta: 1_000_000,
    tieWordEmbeddings: true,
    maxPositions: 40_960,
  },
  'qwen3-4b': {
    vocabularySize: 151_936,
    hiddenSize: 2560,
    intermediateSize: 9728,
    layers: 36,
    heads: 32,
    keyValueHeads: 8,
    headDim: 128,
    ropeTheta: 1_000_000,
    tieWordEmbeddings: true,
    maxPositions: 40_960,
  },
} as const satisfies Record<string, ModelShape>;
