import { choiceTexts } from '../nn/cost-text';
import { configJsonSchema } from '../protocol/config';

interface ObjectSchema {
  properties: Record<string, ObjectSchema & { enumDescriptions?: string[] }>;
}

/** The JSON schema of configurations with what the editor shows beside a choice of networks: parameters and multiply-adds. */
export function editorSchema(): Record<string, unknown> {
  const schema = configJsonSchema();
  const { properties } = schema as unknown as ObjectSchema;
  const { model, backbone } = choiceTexts();
  for (const role of ['student', 'teacher'] as const) {
    const network = properties[role]!.properties;
    network.model!.enumDescriptions = model;
    network.backbone!.enumDescriptions = backbone;
  }
  return schema;
}
