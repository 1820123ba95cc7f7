/** One step of a set-up, for people; with bytes where something large moves. */
export interface Progress {
  text: string;
  done?: number;
  total?: number | undefined;
}

export type Report = (progress: Progress) => void;

/** Between two reports of the same work. */
const INTERVAL_MS = 250;

/** A counter of bytes that reports now and then, and at the end. */
export function byteReport(report: Report, text: string, total?: number): (count: number) => void {
  let done = 0;
  let last = 0;
  return (count) => {
    done += count;
    const now = Date.now();
    if (now - last < INTERVAL_MS && done !== total) return;
    last = now;
    report({ text, done, total });
  };
}

/** `853 MB`, `2.4 GB`, in powers of ten as disks and downloads are sold. */
export function bytesText(bytes: number): string {
  if (bytes >= 999.5e6) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 999.5e3 ? `${(bytes / 1e6).toFixed(0)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
