import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The bundle is made from the client's sources, so that it never depends on what was compiled before.
  resolve: { conditions: ['@atelier/source', 'module', 'browser', 'development|production'] },
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The first browsers with light-dark(), which is otherwise rewritten at length.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/v1': process.env.ATELIER_URL ?? 'http://127.0.0.1:7878' } },
});
