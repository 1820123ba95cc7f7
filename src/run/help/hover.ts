import { type ConfigDocument, nodeAt, placeAt, type Span } from '../document/config-document';
import { describeField } from './describe';
import { type FieldSchema, schemaAt } from './field-schema';

/** What a field means, where its default comes from, and what else could stand there: Markdown, and where it belongs. */
export function hoverAt(
  document: ConfigDocument,
  schema: FieldSchema,
  offset: number,
): { markdown: string; span: Span } | undefined {
  const place = placeAt(document.root, offset);
  if (!place || place.path.length === 0) return undefined;
  // A section as a whole would have its hover wherever the mouse rests.
  if (place.on === 'value' && nodeAt(document.root, place.path)?.kind !== 'scalar') return undefined;
  // Height and width of a crop are explained together.
  const path = place.path.slice(0, place.path.findLastIndex((step) => typeof step === 'string') + 1);
  const field = schemaAt(schema, document.value, path);
  if (!field) return undefined;
  // What a method is, is said of it as a whole.
  const whole = field.const === undefined ? undefined : schemaAt(schema, document.value, path.slice(0, -1));
  const description = field.description ?? whole?.description;
  const said = description === undefined ? field : { ...field, description };
  return { markdown: describeField(path, said, document.value), span: place.span };
}
