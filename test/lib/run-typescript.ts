import { join } from 'node:path';

/** Arguments for a Node that is to run our TypeScript as CommonJS. */
export const runTypeScript = ['--require', join(__dirname, 'typescript.cjs')];
