import { brokenWeights } from '../refusal';
import { MAX_TENSORS } from '../weight-file';
import type { PickleValue } from './pickle';
import { isKind, type TensorRef } from './tensor-world';

/** A table of tensors in a checkpoint and the keys that lead to it: `state_dict`, or `model.ema`; empty for the root. */
export interface TensorTable {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorRef>;
}

/**
 * Where training programs put the weights; the first that is there counts: mmsegmentation, CIRKD and Lightning
 * (`state_dict`), the training scripts of torchvision (`model`), and habits met elsewhere. Averaged weights (`ema`), optimisers and the like
 * are never taken by themselves.
 */
const USUAL = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'student',
  'teacher',
  'weights',
];
const MAX_DEPTH = 4;

/**
 * The table of weights among what a checkpoint holds: the one at `path` if that is given, else that of the first
 * usual key that leads to one, else the root if tensors lie in it, else the only one there is.
 * Errors: checkpoint-broken with the choices, where there are several or none.
 */
export function chooseTable(root: PickleValue, path: string | undefined, where: string): TensorTable {
  const tables = findTables(root);
  const withPath = (wanted: string) => tables.find((table) => table.path === wanted);
  const choices = tables.map((table) => `"${table.path}" (${table.tensors.size} tensors)`).join(', ');
  if (path !== undefined) {
    const table = withPath(path);
    if (table) return table;
    throw brokenWeights(
      where,
      `It has no table of weights at "${path}".`,
      choices ? `There are: ${choices}.` : 'It holds none at all.',
    );
  }
  if (tables.length === 0)
    throw brokenWeights(
      where,
      'There is no table of weights in it.',
      'Save one in Python: torch.save(model.state_dict(), path).',
    );
  const usual = USUAL.map(withPath).find((table) => table !== undefined) ?? nested(tables) ?? withPath('');
  if (usual) return usual;
  if (tables.length === 1) return tables[0]!;
  throw brokenWeights(where, `It holds several tables of weights: ${choices}.`, 'Say which with --key.');
}

/** `model.state_dict` and the like: usual keys all the way. */
function nested(tables: readonly TensorTable[]): TensorTable | undefined {
  return tables.find(({ path }) => path.split('.').every((key) => USUAL.includes(key)));
}

/** Dictionaries that hold tensors under names. What lies below names of optimisers is not looked at. */
function findTables(root: PickleValue): TensorTable[] {
  const found: TensorTable[] = [];
  // A pickle may hold one dictionary in many places, or in itself.
  const visited = new Set<PickleValue>();
  const visit = (value: PickleValue, path: string[]) => {
    if (!(value instanceof Map) || path.length > MAX_DEPTH || visited.has(value)) return;
    visited.add(value);
    const tensors = new Map<string, TensorRef>();
    for (const [key, item] of value)
      if (typeof key === 'string' && isKind<TensorRef>(item, 'tensor')) tensors.set(key, item);
    if (tensors.size > 0) found.push({ path: path.join('.'), tensors });
    for (const [key, item] of value)
      if (typeof key === 'string' && !/optim|sched/i.test(key)) visit(item, [...path, key]);
  };
  visit(root, []);
  return found;
}

/** Errors: checkpoint-broken for a table of unreasonable length. */
export function checkLength(count: number, where: string): void {
  if (count > MAX_TENSORS)
    throw brokenWeights(where, `It announces ${count} tensors; ${MAX_TENSORS} are the limit.`);
}
