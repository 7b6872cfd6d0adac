/**
 * How TensorFlow's CPU kernels get memory. Its own allocator keeps what was freed, which is faster (fresh
 * pages cost processor time) but leaves holes: 0.7 GB with full-size Qwen3-4B. There the system's
 * allocator costs 6 % more processor time; with small models it would cost up to two thirds more.
 * Figures: main/docs/2026-11-25-copies-of-large-variables.md.
 */
const largeWeights = 4e9;

/** To be called before TensorFlow is loaded; afterwards it has no effect. `bytes`: of all weights. */
export function chooseAllocator(bytes: number): void {
  if (bytes > largeWeights) process.env['TF_ONEDNN_USE_SYSTEM_ALLOCATOR'] ??= '1';
}
