/**
 * Builds the three parts of the app into out/. Syntax targets are those of the oldest runtime that is
 * supported (Node 16, Chrome 108); main, engine and preload are CommonJS, because that runtime's
 * main process cannot load ES modules. Native packages stay outside the bundle.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const native = ['electron', '@tensorflow/tfjs-node-gpu', /^@duckdb\//];

function nodePart(outDir: string, entry: Record<string, string>) {
  return {
    build: {
      outDir: resolve(root, 'out', outDir),
      target: 'node16',
      externalizeDeps: false,
      lib: { entry, formats: ['cjs' as const], fileName: () => '[name].cjs' },
      rollupOptions: {
        external: native,
        output: { entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
      },
    },
  };
}

export default defineConfig({
  main: nodePart('main', {
    main: resolve(root, 'electron/main.ts'),
    engine: resolve(root, 'electron/engine/engine.ts'),
    setup: resolve(root, 'electron/setup/setup.ts'),
  }),
  preload: nodePart('preload', { preload: resolve(root, 'electron/preload.ts') }),
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [react()],
    build: {
      outDir: resolve(root, 'out/renderer'),
      emptyOutDir: true,
      target: 'chrome108',
      rollupOptions: { input: resolve(root, 'renderer/index.html') },
    },
  },
});
