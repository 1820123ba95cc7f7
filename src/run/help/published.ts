import { datasetFacts, datasetKinds } from '../../protocol/datasets';
import type { Path } from '../document/config-document';

/** Settings that a dataset was published with, and whose dataset that is. */
export interface PublishedSchedule {
  title: string;
  training: Record<string, unknown>;
}

/**
 * What papers and released code train with on the dataset of a configuration; undefined where nothing is published.
 * @param written the configuration as it stands
 */
export function publishedSchedule(written: unknown): PublishedSchedule | undefined {
  const dataset = (written as { dataset?: { kind?: unknown } } | null | undefined)?.dataset;
  const kind = datasetKinds.find((one) => one === dataset?.kind);
  if (!kind) return undefined;
  const { title, training } = datasetFacts({ kind });
  return training && { title, training: { ...training } };
}

/** What is published for a field; undefined where nothing is. */
export function publishedFor(path: Path, written: unknown): { title: string; value: unknown } | undefined {
  const [section, field, place] = path;
  const schedule = section === 'training' && path.length <= 3 ? publishedSchedule(written) : undefined;
  const value = typeof field === 'string' ? schedule?.training[field] : undefined;
  if (!schedule || value === undefined) return undefined;
  if (place === undefined) return { title: schedule.title, value };
  return Array.isArray(value) && typeof place === 'number'
    ? { title: schedule.title, value: value[place] }
    : undefined;
}
