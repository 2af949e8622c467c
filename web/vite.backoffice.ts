import { svelte } from '@sveltejs/vite-plugin-svelte'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'

// Flask finds the hashed names in the manifest (kit.web.assets). The seat map and the editors come only to pages that ask for them.
export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  plugins: [svelte()],
  build: {
    outDir: resolve(import.meta.dirname, '../libs/kit/src/kit/web/static/dist'),
    emptyOutDir: true,
    manifest: true,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      input: ['src/backoffice/main.ts', 'src/seatmap/element.svelte.ts', 'src/planeditor/main.ts', 'src/tilleditor/main.ts', 'src/tilleditor/preview.ts'],
      checks: { eval: false }, // htmx can evaluate attributes; we switch that off (allowEval) and the policy forbids it
    },
  },
})
