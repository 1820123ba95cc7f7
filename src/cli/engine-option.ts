import { type Config, configFields } from '../protocol/config';
import { usage } from './command';

const engines = configFields.shape.engine.unwrap();

/** The value of `--engine`. Errors: usage. */
export function engineOption(name: string | undefined): Config['engine'] | undefined {
  const parsed = engines.optional().safeParse(name);
  if (!parsed.success)
    throw usage(`There is no engine "${name}"; engines are ${engines.options.join(', ')}.`);
  return parsed.data;
}
