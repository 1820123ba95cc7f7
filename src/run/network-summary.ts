import { describeSegmenter, type NetworkCost } from '../nn/cost';
import { moduleRows } from '../nn/cost-rows';
import { count, memory, totalsText } from '../nn/cost-text';
import { inWords } from '../nn/networks';
import { checkConfig } from './check-config';
import { networksOf } from './configured-networks';
import { placeAt } from './document/config-document';

/** A hover is to be taken in at a glance. */
const ROWS = 16;

/**
 * What a hover on `model` or `backbone` of a configuration shows: the network at the configured crop and batch.
 * @param file absolute path of the configuration
 * @param offset in UTF-16 units from the start of the text
 * @returns Markdown; undefined elsewhere, and while the configuration has errors
 */
export function networkSummary(text: string, file: string, offset: number): string | undefined {
  const { config, document } = checkConfig(text, file);
  const [role, field, ...rest] = placeAt(document.root, offset)?.path ?? [];
  if (rest.length > 0 || (field !== 'model' && field !== 'backbone')) return undefined;
  const network = config && networksOf(config).find((one) => one.role === role);
  if (!network) return undefined;
  const [height, width] = config.training.crop;
  try {
    return markdown(describeSegmenter(network.choice, { batch: config.training.batch, height, width }));
  } catch {
    // What cannot be built is underlined, with words of its own.
    return undefined;
  }
}

function markdown(cost: NetworkCost): string {
  const rows = moduleRows(cost).filter(({ name }) => name !== 'input');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = rows
    .slice(0, ROWS)
    .map(({ name, output, parameters, multiplyAdds, activationBytes }) =>
      line([
        `\`${name}\``,
        output.slice(1).join(' x '),
        count(parameters),
        count(multiplyAdds),
        memory(activationBytes),
      ]),
    );
  return [
    `**${inWords(cost.spec)}**`,
    '',
    ...totalsText(cost).map((sentence) => `- ${sentence}`),
    '',
    line(['module', 'output', 'parameters', 'multiply-adds', 'activations']),
    line(['---', '---', '--:', '--:', '--:']),
    ...table,
    ...(rows.length > ROWS
      ? ['', `and ${rows.length - ROWS} more: \`distill model\` lists every layer`]
      : []),
  ].join('\n');
}
