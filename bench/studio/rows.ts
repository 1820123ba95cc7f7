/** A row of what the studio is measured by, in the real VS Code. */
export interface StudioRow {
  name: string;
  what: string;
  unit: 'ms' | 'MB' | '%';
  /**
   * What becomes of the measurements: the middle one, the one that 95 of 100 stay below, the most by which any tenth of
   * the time after the first two exceeds the second, or the only one.
   */
  by: 'median' | 'p95' | 'growth' | 'value';
  /** What that is meant to stay at or below. */
  target: number;
}

export const studioRows: readonly StudioRow[] = [
  {
    name: 'activation',
    what: 'loading and activating the extension in a workspace with 1 000 runs, as "Developer: Show Running Extensions" tells it, ten windows',
    unit: 'ms',
    by: 'median',
    target: 40,
  },
  {
    name: 'panel-first-paint',
    what: 'from the click that opens a run until an overlay of its newest sample is drawn (2048 x 1024, 19 classes)',
    unit: 'ms',
    by: 'median',
    target: 500,
  },
  {
    name: 'overlay-frame',
    what: 'a frame after the opacity was moved or a class switched: a sample of 2048 x 1024 with 19 classes, all its layers side by side',
    unit: 'ms',
    by: 'p95',
    target: 16,
  },
  {
    name: 'pixel-hover',
    what: 'the same sample: from the pointer on another pixel until what is known of it is written and the pixel framed in every pane',
    unit: 'ms',
    by: 'p95',
    target: 4,
  },
  {
    name: 'curve-100k',
    what: 'a frame while the loss and its 8 terms of 100 000 steps are moved and zoomed',
    unit: 'ms',
    by: 'p95',
    target: 16,
  },
  {
    name: 'runs-1000',
    what: 'from the click that opens the side bar until the first of 1 000 runs are listed, once in every of ten windows',
    unit: 'ms',
    by: 'median',
    target: 500,
  },
  {
    name: 'runs-1000-table',
    what: 'from the command until the table of all 1 000 runs shows the first of them',
    unit: 'ms',
    by: 'median',
    target: 500,
  },
  {
    name: 'runs-1000-filter',
    what: 'from a letter in the filter of that table until the rows that fit are shown',
    unit: 'ms',
    by: 'p95',
    target: 50,
  },
  {
    name: 'validate-keystroke',
    what: 'from a digit typed into the crop of a configuration with a ResNet-101 teacher until the editor underlines what is wrong with it',
    unit: 'ms',
    by: 'median',
    target: 30,
  },
  {
    name: 'host-memory',
    what: 'growth of what the extension host holds, its garbage collected, while a run panel and the Live view follow 20 000 steps, 100 evaluations and 200 samples: two hours of training in a hundred seconds',
    unit: 'MB',
    by: 'growth',
    target: 20,
  },
  {
    name: 'watch-cost',
    what: 'percentage of a student step (DeepLabV3-ResNet18, batch 2, 256 x 256, tensorflow) that goes into telling of it, listening for a stop, and its share of a sample drawn every 200 steps',
    unit: '%',
    by: 'median',
    target: 1,
  },
  {
    name: 'vsix',
    what: 'size of the packaged extension, without engines that are set up on demand',
    unit: 'MB',
    by: 'value',
    target: 6,
  },
];
