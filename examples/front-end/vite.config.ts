import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react({ babel: { plugins: [['relay', { eagerEsModules: true }]] } })],
  test: {
    environment: 'jsdom',
    // The server allows this origin.
    environmentOptions: { jsdom: { url: 'https://portal.example.test' } },
    // The test that starts the server says where it is.
    provide: JSON.parse(process.env.DIALTREE_EXAMPLE ?? '{}'),
    testTimeout: 30_000,
  },
});
