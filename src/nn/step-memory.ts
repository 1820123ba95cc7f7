import { describeSegmenter, type InputSize, type NetworkCost } from './cost';
import type { SegmenterChoice } from './networks';

/** What a training step holds: one stage of a run. */
export interface TrainingShape {
  /** The network in training. */
  network: SegmenterChoice;
  /** The frozen one beside it. */
  teacher?: SegmenterChoice;
  /** Passes of the network per step, all kept for one backward pass. */
  views: number;
  input: InputSize;
}

const MIB = 2 ** 20;
/** What the wasm engine needs before there is a tensor, with its threads' scratch memory. */
const ENGINE = 10 * MIB;
/** Tiles of a map, transformed for Winograd's filtering: about as much at a time (src/engine/wasm/winograd.ts). */
const TILES = 5 * MIB;
/** Heaps have gaps. */
const GAPS = 1.08;
/** Maps of the labels' size that a head needs: its logits, their softmax, and the gradients of both. */
const MAPS_PER_HEAD = 2;
const MAPS_OF_LOSS = 2;

/**
 * Peak bytes of the wasm engine's heap in a training step: weights, momentum and gradients, what the forward pass keeps
 * (freed as the backward pass goes), and maps of the labels' size. Arithmetic on the network's description, good to a
 * quarter (test/unit/engine/wasm/memory.test.ts compares it with measured heaps).
 * Errors: config-invalid for a network that cannot be built.
 */
export function trainingStepBytes({ network, teacher, views, input }: TrainingShape): number {
  const { layers, totals } = perImage(network, input);
  const weights = 4 * totals.parameters;
  const frozen = teacher ? 4 * perImage(teacher, input).totals.parameters : 0;
  const activations = input.batch * totals.activationBytes;
  const heads = network.auxHead === false ? 1 : 2;
  const labelMap = 4 * input.batch * input.height * input.width * network.classes;
  const held = 2 * weights + frozen;

  const afterForward = held + views * (activations + labelMap * (MAPS_PER_HEAD * heads + MAPS_OF_LOSS));
  const update = held + weights + 2 * 4 * Math.max(...layers.map((l) => l.parameters));
  // Going back through the layers, gradients of weights come and activations go.
  let kept = activations;
  let gradients = 0;
  let backward = 0;
  for (const { parameters, activationBytes, output } of [...layers].reverse()) {
    gradients += 4 * parameters;
    // The gradients of a layer's result and input, and its packed operands.
    const atWork = 3 * 4 * input.batch * output.reduce((a, b) => a * b, 1) + 4 * parameters + TILES;
    backward = Math.max(backward, held + (views - 1) * activations + kept + gradients + atWork);
    kept -= input.batch * activationBytes;
  }
  return GAPS * (ENGINE + Math.max(afterForward, update, backward));
}

const REMEMBERED = 64;
const known = new Map<string, NetworkCost>();

/** Everything that grows with the batch grows in proportion to it. Asked for with every key press in an editor, so it is kept. */
function perImage(network: SegmenterChoice, { height, width }: InputSize): NetworkCost {
  const key = JSON.stringify([network, height, width]);
  let cost = known.get(key);
  if (!cost) {
    cost = describeSegmenter(network, { batch: 1, height, width });
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value!);
    known.set(key, cost);
  }
  return cost;
}
