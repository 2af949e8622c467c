import { resolve } from 'node:path'
import { defineConfig } from 'vite'

// Flask finds the hashed names in the manifest (kit.web.assets).
export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, '../libs/kit/src/kit/web/static/dist'),
    emptyOutDir: true,
    manifest: true,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      input: 'src/backoffice/main.ts',
      checks: { eval: false }, // htmx can evaluate attributes; we switch that off (allowEval) and the policy forbids it
    },
  },
})
