import { svelte } from '@sveltejs/vite-plugin-svelte'
import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import { mockApi } from './mock-api/plugin'

// The same policy as the server's, so that a breach shows before delivery.
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

// The till is served by device-gateway; while developing, mock-api answers in its place.
export default defineConfig({
  root: resolve(import.meta.dirname, 'src/till'),
  plugins: [svelte(), mockApi()],
  server: { host: '127.0.0.1', port: 7490, strictPort: true },
  preview: { host: '127.0.0.1', port: 7490, strictPort: true, headers: { 'Content-Security-Policy': POLICY } },
  build: {
    rollupOptions: { input: [resolve(import.meta.dirname, 'src/till/index.html'), resolve(import.meta.dirname, 'src/till/display.html')] },
    outDir: resolve(import.meta.dirname, '../services/device-gateway/src/device_gateway/static/dist'),
    emptyOutDir: true,
    assetsInlineLimit: 0, // nothing inline: the page runs under script-src 'self'
    target: 'es2022',
    modulePreload: { polyfill: false },
  },
})
