import { l10n } from 'vscode';

/** How people read engines: the same words in the view, the quick pick and messages. */

export function engineText(name: string): string {
  const names: Record<string, string> = {
    tensorflow: 'TensorFlow',
    webgpu: 'WebGPU',
    wasm: 'WebAssembly',
  };
  return names[name] ?? name;
}

export function deviceText(device: 'cpu' | 'gpu'): string {
  return device.toUpperCase();
}

/** `151 GFLOP/s`; with a plus where others were at work while it was measured. */
export function speedText(measured: { gflops: number; disturbed?: boolean | undefined }): string {
  return l10n.t('{0} GFLOP/s', `${measured.gflops.toFixed(0)}${measured.disturbed ? '+' : ''}`);
}

/** Names of the parts whose versions are told. */
export function versionText(name: string): string {
  const names: Record<string, string> = { tfjs: 'TensorFlow.js', node: 'Node.js' };
  return names[name] ?? engineText(name);
}

export function sourceText(source: string): string {
  const names: Record<string, string> = {
    python: l10n.t('Python environment, in place'),
    pip: 'pip',
    index: l10n.t('package index'),
    wheel: l10n.t('wheel'),
    npm: l10n.t('archive'),
  };
  return names[source] ?? source;
}

/** `275 MB`, `8.0 GB`: powers of ten, as disks and downloads are sold. */
export function bytesText(bytes: number): string {
  return bytes >= 999.5e6 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(0)} MB`;
}
