import type { Plugin } from 'esbuild';

export const webviewBuild: {
  entryPoints: Record<'run' | 'live', string>;
  bundle: true;
  platform: 'browser';
  format: 'iife';
  target: string;
  plugins: Plugin[];
};
