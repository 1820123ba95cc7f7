import type { RunStatus } from '../../src/protocol/run';

const svg = 'http://www.w3.org/2000/svg';
/** One shape per state, so that no state is told by colour alone. 16 x 16. */
const shapes: Record<RunStatus, string> = {
  starting: 'M8 2.5a5.5 5.5 0 1 0 5.5 5.5',
  running: 'M8 2.5a5.5 5.5 0 1 0 5.5 5.5',
  paused: 'M5.5 3.5v9M10.5 3.5v9',
  finished: 'M3 8.5l3.2 3.2L13 4.8',
  stopped: 'M4.5 4.5h7v7h-7z',
  failed: 'M4 4l8 8M12 4l-8 8',
  crashed: 'M8 2.5L14 13.5H2zM8 6.5v3.4M8 11.3v.7',
};

export function statusIcon(status: RunStatus): SVGElement {
  const icon = document.createElementNS(svg, 'svg');
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('class', `status-icon status-${status}`);
  icon.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg, 'path');
  path.setAttribute('d', shapes[status]);
  icon.append(path);
  return icon;
}
