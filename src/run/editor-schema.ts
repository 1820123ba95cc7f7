import { choiceTexts } from '../nn/cost-text';
import { configJsonSchema } from '../protocol/config';
import type { FieldSchema } from './help/field-schema';
import { startingConfigurations, startingMethods } from './help/starting-points';

/**
 * The JSON schema of configurations with what editors show beside it: what a network of a choice costs, in parameters and
 * multiply-adds, and what can be begun with.
 */
export function editorSchema(): FieldSchema {
  const schema = configJsonSchema() as FieldSchema;
  const properties = schema.properties!;
  const { model, backbone } = choiceTexts();
  for (const role of ['student', 'teacher'] as const) {
    const network = properties[role]!.properties!;
    network.model!.enumDescriptions = model;
    network.backbone!.enumDescriptions = backbone;
  }
  schema.defaultSnippets = startingConfigurations(schema);
  (properties.methods!.items as FieldSchema).defaultSnippets = startingMethods;
  return schema;
}
