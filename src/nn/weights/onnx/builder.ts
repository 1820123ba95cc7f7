import type { Attribute, Constant, Node } from './model';

/** An ONNX graph under construction: values are known by name. Maps are [N,C,H,W]. */
export class OnnxBuilder {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly #shared = new Map<string, string>();
  #count = 0;

  /** Adds a node with one output and returns the name of that. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    name?: string,
  ): string {
    const output = name ?? `${op.toLowerCase()}_${this.#count++}`;
    this.nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** A weight, under its own name. */
  weight(name: string, shape: readonly number[], values: Float32Array): string {
    this.constants.push({ name, shape, values });
    return name;
  }

  /** A list of integers, or a single one. */
  integers(values: number | readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    return this.#constant(`int_${shape.join()}_${list.join('_')}`, shape, BigInt64Array.from(list, BigInt));
  }

  /** A single number. */
  number(value: number): string {
    return this.#constant(`float_${value}`, [], Float32Array.of(value));
  }

  /** A list of numbers. */
  numbers(values: readonly number[]): string {
    return this.#constant(`floats_${values.join('_')}`, [values.length], Float32Array.from(values));
  }

  /** Sizes `from` to `to` of a value, as a list. */
  sizes(x: string, from: number, to: number): string {
    return this.#once(`sizes_${x}_${from}_${to}`, () => this.node('Shape', [x], { start: from, end: to }));
  }

  /** Makes something once and gives the same every time after. */
  #once(key: string, make: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }

  #constant(name: string, shape: readonly number[], values: Constant['values']): string {
    return this.#once(name, () => {
      this.constants.push({ name, shape, values });
      return name;
    });
  }
}
