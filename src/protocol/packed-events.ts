import { z } from 'zod';
import { type RunEvent, runEventSchema, type StepEvent, stepEventSchema } from './events';

/**
 * Events as they cross to a webview. A day of training has a hundred thousand steps, and as objects they would be written,
 * read, copied and checked one by one in every process on the way: as a block of numbers they cross at once.
 */

/** What every step says, in the order of a row; after it the terms, then what is watched. */
const FIXED = ['at', 'step', 'loss', 'lr', 'ms'] as const;
/** What not every step says: NaN. */
const OPTIONAL = ['etaMs', 'memory'] as const;

/** Successive steps that name the same terms. */
const stepsSchema = stepEventSchema.pick({ stage: true, phase: true }).extend({
  kind: z.literal('steps'),
  terms: z.array(z.string()),
  watched: z.array(z.string()),
  /** Float64, row by row. */
  rows: z.instanceof(ArrayBuffer),
});
type Steps = z.infer<typeof stepsSchema>;
export type PackedEvent = RunEvent | Steps;

/** Packed events, which come out of it as events. */
export const eventsSchema = z
  .array(z.discriminatedUnion('kind', [stepsSchema, ...runEventSchema.options]))
  .transform((events, context): RunEvent[] =>
    events.flatMap((event) => {
      if (event.kind !== 'steps') return [event];
      const steps = unpack(event);
      if (!steps) context.addIssue({ code: 'custom', message: 'A block of steps is damaged.' });
      return steps ?? [];
    }),
  );

/** In their order; what cannot be packed stays as it is. */
export function packEvents(events: readonly RunEvent[]): PackedEvent[] {
  const packed: PackedEvent[] = [];
  let block: StepEvent[] = [];
  const close = (): void => {
    if (block.length > 0) packed.push(pack(block));
    block = [];
  };
  for (const event of events) {
    if (event.kind === 'step' && isNumbers(event)) {
      if (block.length > 0 && !alike(block[0]!, event)) close();
      block.push(event);
    } else {
      close();
      packed.push(event);
    }
  }
  close();
  return packed;
}

function pack(steps: readonly StepEvent[]): Steps {
  const { stage, phase, terms, watched } = steps[0]!;
  const [termIds, watchedIds] = [Object.keys(terms), Object.keys(watched ?? {})];
  const width = FIXED.length + OPTIONAL.length + termIds.length + watchedIds.length;
  const rows = new Float64Array(steps.length * width);
  let at = 0;
  for (const step of steps) {
    for (const name of FIXED) rows[at++] = step[name];
    for (const name of OPTIONAL) rows[at++] = step[name] ?? Number.NaN;
    for (const id of termIds) rows[at++] = step.terms[id]!;
    for (const id of watchedIds) rows[at++] = step.watched![id]!;
  }
  return {
    kind: 'steps',
    stage,
    ...(phase !== undefined && { phase }),
    terms: termIds,
    watched: watchedIds,
    rows: rows.buffer,
  };
}

/** Undefined where the block is not what `pack` makes. */
function unpack({ stage, phase, terms, watched, rows: buffer }: Steps): StepEvent[] | undefined {
  const width = FIXED.length + OPTIONAL.length + terms.length + watched.length;
  if (buffer.byteLength % (width * Float64Array.BYTES_PER_ELEMENT) !== 0) return undefined;
  const rows = new Float64Array(buffer);
  const steps: StepEvent[] = [];
  for (let at = 0; at < rows.length; ) {
    const [time, step, loss, lr, ms] = [rows[at++]!, rows[at++]!, rows[at++]!, rows[at++]!, rows[at++]!];
    const [etaMs, memory] = [rows[at++]!, rows[at++]!];
    const named = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, rows[at++]!]));
    const event: StepEvent = { kind: 'step', at: time, stage, step, loss, terms: named(terms), lr, ms };
    if (!Number.isNaN(etaMs)) event.etaMs = etaMs;
    if (phase !== undefined) event.phase = phase;
    if (watched.length > 0) event.watched = named(watched);
    if (!Number.isNaN(memory)) event.memory = memory;
    if (!isNumbers(event) || !Number.isInteger(step) || step < 1) return undefined;
    steps.push(event);
  }
  return steps;
}

/** In a block NaN would say that nothing was told. */
function isNumbers(event: StepEvent): boolean {
  const told = (value: number | undefined) => value === undefined || Number.isFinite(value);
  for (const name of FIXED) if (!Number.isFinite(event[name])) return false;
  for (const name of OPTIONAL) if (!told(event[name])) return false;
  for (const id in event.terms) if (!Number.isFinite(event.terms[id])) return false;
  for (const id in event.watched) if (!Number.isFinite(event.watched[id])) return false;
  return true;
}

function alike(a: StepEvent, b: StepEvent): boolean {
  return (
    a.stage === b.stage && a.phase === b.phase && sameIds(a.terms, b.terms) && sameIds(a.watched, b.watched)
  );
}

function sameIds(a: Record<string, number> = {}, b: Record<string, number> = {}): boolean {
  const ids = Object.keys(a);
  const others = Object.keys(b);
  return ids.length === others.length && ids.every((id, i) => id === others[i]);
}
