import { Message } from './protobuf';

/**
 * An ONNX model as plain data, and its encoding. Numbers of fields and types are those of onnx/onnx.proto.
 */
export type Attribute = number | readonly number[] | string | { float: number };

export interface Node {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  name: string;
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

export interface ValueInfo {
  name: string;
  type: keyof typeof TYPES;
  /** A number, or the name of a size that may vary. */
  shape: readonly (number | string)[];
  about: string;
}

export interface OnnxModel {
  name: string;
  about: string;
  nodes: readonly Node[];
  constants: readonly Constant[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
  /** Texts for whoever deploys the model. */
  metadata: Readonly<Record<string, string>>;
  producer: { name: string; version: string };
}

/**
 * The operator set the model is written in, and the file version that came with it (ONNX 1.17, October 2024). It is the last one that changed an
 * operation used here in more than the types it takes, so newer ones would only shut out older runtimes.
 */
const OPSET = 22;
const IR_VERSION = 10;

const TYPES = { float32: 1, uint8: 2, int64: 7 } as const;

export function encodeOnnx(model: OnnxModel): Uint8Array {
  const graph = new Message();
  for (const node of model.nodes) graph.message(1, nodeMessage(node));
  graph.text(2, model.name);
  for (const constant of model.constants) graph.message(5, constantMessage(constant));
  graph.text(10, model.about);
  for (const input of model.inputs) graph.message(11, valueMessage(input));
  for (const output of model.outputs) graph.message(12, valueMessage(output));

  const message = new Message()
    .integer(1, IR_VERSION)
    .text(2, model.producer.name)
    .text(3, model.producer.version)
    .message(7, graph)
    .message(8, new Message().text(1, '').integer(2, OPSET));
  for (const [key, value] of Object.entries(model.metadata))
    message.message(14, new Message().text(1, key).text(2, value));
  return message.encode();
}

function nodeMessage({ op, inputs, outputs, attributes }: Node): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(3, outputs[0]!).text(4, op);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeMessage(name, value));
  return message;
}

/** Field 20 says which of the others holds the value: 1 float, 2 int, 3 string, 7 ints. */
function attributeMessage(name: string, value: Attribute): Message {
  const message = new Message().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, 2);
  if (typeof value === 'string') return message.text(4, value).integer(20, 3);
  if ('float' in value) return message.float(2, value.float).integer(20, 1);
  for (const item of value) message.integer(8, item);
  return message.integer(20, 7);
}

function constantMessage({ name, shape, values }: Constant): Message {
  const message = new Message();
  for (const size of shape) message.integer(1, size);
  message.integer(2, values instanceof Float32Array ? TYPES.float32 : TYPES.int64);
  message.text(8, name);
  return message.bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function valueMessage({ name, type, shape, about }: ValueInfo): Message {
  const sizes = new Message();
  for (const size of shape)
    sizes.message(1, typeof size === 'number' ? new Message().integer(1, size) : new Message().text(2, size));
  const tensor = new Message().integer(1, TYPES[type]).message(2, sizes);
  return new Message().text(1, name).message(2, new Message().message(1, tensor)).text(3, about);
}
