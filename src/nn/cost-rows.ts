import type { LayerCost, NetworkCost } from './cost';

/** Operations that belong to the layer before them in a table for people. */
const FOLLOWERS: ReadonlySet<LayerCost['kind']> = new Set([
  'batchNorm',
  'relu',
  'relu6',
  'sigmoid',
  'dropout',
  'scale',
  'softmax',
]);

/** The layers of a network as a table: each with its batch norm and activation. */
export function layerRows({ layers }: Pick<NetworkCost, 'layers'>): LayerCost[] {
  const rows: LayerCost[] = [];
  for (const layer of layers) {
    const before = rows.at(-1);
    if (before && FOLLOWERS.has(layer.kind))
      rows[rows.length - 1] = { ...sum(before, layer), output: layer.output };
    else rows.push(layer);
  }
  return rows;
}

export type ModuleRow = Pick<
  LayerCost,
  'name' | 'output' | 'parameters' | 'multiplyAdds' | 'publishedMultiplyAdds' | 'activationBytes'
>;

/** The same by module, in the order they begin: `pretrained.layer1`, `head.aspp`; with the output of its last layer. */
export function moduleRows(cost: Pick<NetworkCost, 'layers'>): ModuleRow[] {
  const modules = new Map<string, ModuleRow>();
  for (const row of layerRows(cost)) {
    const name = row.name.split('.').slice(0, 2).join('.');
    const before = modules.get(name);
    // A pool over everything begins what comes next, which may lie in another module.
    const output = before && row.kind === 'adaptivePool' ? before.output : row.output;
    modules.set(name, { ...(before ? sum(before, row) : row), name, output });
  }
  return [...modules.values()];
}

function sum<Row extends ModuleRow>(a: Row, b: ModuleRow): Row {
  return {
    ...a,
    parameters: a.parameters + b.parameters,
    multiplyAdds: a.multiplyAdds + b.multiplyAdds,
    publishedMultiplyAdds: a.publishedMultiplyAdds + b.publishedMultiplyAdds,
    activationBytes: a.activationBytes + b.activationBytes,
  };
}
