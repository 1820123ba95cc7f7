import type { PaneEvents } from './pane';
import type { Viewport } from './viewport';

/** The pixel that is pointed at and the part of the picture that is seen: the same for all panes of a panel. */
export class Gaze {
  /** In pixels of the picture that is pointed into; others may be smaller. */
  at: readonly [number, number] | null = null;

  /**
   * @param remember keeps the part that is seen
   * @param look shows both in the panes
   */
  constructor(
    private readonly remember: (zoom: Viewport) => void,
    private readonly look: () => void,
  ) {}

  readonly events: Pick<PaneEvents, 'view' | 'point'> = {
    view: (zoom) => {
      this.remember(zoom);
      this.look();
    },
    point: (at) => {
      if (at?.[0] === this.at?.[0] && at?.[1] === this.at?.[1]) return;
      this.at = at;
      this.look();
    },
  };

  /** The pixel that is pointed at; null outside a picture of this size. */
  within({ width, height }: { width: number; height: number }): [number, number] | null {
    return this.at && this.at[0] < width && this.at[1] < height ? [...this.at] : null;
  }
}
