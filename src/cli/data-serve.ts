import { SampleBrowser } from '../data/browse';
import type { CheckedAs } from '../data/check/check';
import type { DatasetLayout } from '../data/datasets/layout';
import { browserRequestSchema } from '../protocol/dataset-browser';
import { usage } from './command';

/** Answers over the channel of the process that started this one, until that closes it. Errors: usage, without channel. */
export function serveSamples(as: CheckedAs, layout: DatasetLayout): Promise<void> {
  if (!process.send) throw usage('"data serve" is for the sample browser, which starts it with a channel.');
  const browser = new SampleBrowser(as, layout);
  // One after the other: two large pictures at once would take twice the memory.
  let queue = Promise.resolve();
  process.on('message', (message) => {
    const request = browserRequestSchema.safeParse(message);
    if (!request.success) return;
    queue = queue.then(async () => {
      process.send?.(await browser.answer(request.data));
    });
  });
  process.send(browser.opened());
  return new Promise((resolve) => process.once('disconnect', resolve));
}
