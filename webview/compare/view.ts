import type { Arm, Run } from './arms';

/** What every part of the panel is given when something changed. */
export interface Comparison {
  runs: readonly Run[];
  arms: readonly Arm[];
  /** Grows with every change that a part could show. */
  revision: number;
}

export interface Part {
  readonly root: HTMLElement;
  render(comparison: Comparison): void;
}
