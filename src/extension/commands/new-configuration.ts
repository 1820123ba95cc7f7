import { l10n, Uri, window, workspace } from 'vscode';
import { describeSegmenter } from '../../nn/cost';
import { count } from '../../nn/cost-text';
import { backbones, models } from '../../nn/networks';
import type { MethodKind } from '../../protocol/config';
import { datasetFacts, datasetKinds } from '../../protocol/datasets';
import { MODELS, USUAL_BACKBONE } from '../../protocol/networks';
import type { ConfigLanguage } from '../../run/document/config-document';
import { configurationText } from '../../run/help/configuration-text';
import { type FieldSchema, kindOf, kindsOf } from '../../run/help/field-schema';
import {
  type NetworkChoice,
  type NewConfiguration,
  newConfigurationEntries,
} from '../../run/help/new-configuration';
import { asWritten } from '../../run/help/paths';
import type { App } from '../app';
import { EditorSchema } from '../config/editor-schema';
import { askInSteps, type Choice, type Step } from '../quick-steps';
import { methodsText } from '../text';

interface Answers extends NewConfiguration {
  language: ConfigLanguage;
}

/** The methods of the papers first, then the baseline, then all others. */
const FIRST: readonly MethodKind[] = ['lad', 'rdd'];

/**
 * Asks for method, dataset and networks, writes a commented configuration and opens it; an existing file is never replaced.
 * @param given the method, if it has been decided
 */
export async function newConfiguration(app: App, given?: MethodKind): Promise<void> {
  const folder = await pickFolder();
  if (!folder) return;
  const schema = new EditorSchema(app.extension).root;
  const steps: Step<Answers>[] = [
    () => (given ? undefined : methodQuestion(schema)),
    () => datasetQuestion(schema),
    ({ dataset }) => (dataset === 'sample' ? undefined : rootQuestion(folder)),
    () => ({ placeholder: l10n.t('The student'), items: networkChoices('student') }),
    ({ method = given }) => (method ? teacherQuestion() : undefined),
    languageQuestion,
  ];
  const answers = await askInSteps(l10n.t('New Configuration'), steps);
  if (!answers?.dataset || !answers.student) return;
  const { dataset, student, language = 'json' } = answers;
  const choice = { ...answers, dataset, student, method: answers.method ?? given };
  const uri = await freeName(folder, `${choice.method ?? 'baseline'}-${dataset}`, language);
  const text = configurationText(newConfigurationEntries(choice, schema), { language });
  await workspace.fs.writeFile(uri, Buffer.from(text));
  await window.showTextDocument(uri, { preview: false });
}

function methodQuestion(schema: FieldSchema) {
  const described = new Map(
    kindsOf(schema.properties!.methods!.items as FieldSchema).map((one) => [kindOf(one), one.description]),
  );
  const kinds = [...described.keys()] as MethodKind[];
  const item = (method: MethodKind): Choice<Answers> => ({
    label: methodsText([method]),
    detail: described.get(method)?.replace(/^\w+: /, '') ?? '',
    answer: { method },
  });
  const baseline: Choice<Answers> = {
    label: l10n.t('Baseline'),
    detail: l10n.t('The student alone, to compare with'),
    answer: { method: undefined },
  };
  const others = kinds.filter((kind) => !FIRST.includes(kind));
  return {
    placeholder: l10n.t('Which method of distillation?'),
    items: [...FIRST.map(item), baseline, ...others.map(item)],
  };
}

function datasetQuestion(schema: FieldSchema) {
  const { enum: kinds = [], enumDescriptions = [] } = schema.properties!.dataset!.properties!.kind!;
  return {
    placeholder: l10n.t('Which dataset?'),
    items: datasetKinds.map(
      (dataset): Choice<Answers> => ({
        label: datasetFacts({ kind: dataset }).title,
        detail: enumDescriptions[kinds.indexOf(dataset)] ?? '',
        answer: { dataset },
      }),
    ),
  };
}

function rootQuestion(folder: Uri) {
  const choose = async (): Promise<Partial<Answers> | undefined> => {
    const picked = await window.showOpenDialog({
      title: l10n.t('Folder of the Dataset'),
      openLabel: l10n.t('Choose'),
      canSelectFolders: true,
      canSelectFiles: false,
      defaultUri: folder,
    });
    return picked?.[0] && { root: asWritten(picked[0].fsPath, folder.fsPath) || '.' };
  };
  const items: Choice<Answers>[] = [
    { label: `$(folder-opened) ${l10n.t('Choose the Folder…')}`, answer: choose },
    {
      label: l10n.t('Later'),
      detail: l10n.t('The configuration gets a path to fill in'),
      answer: { root: undefined },
    },
  ];
  return { placeholder: l10n.t('Where is the dataset?'), items };
}

function teacherQuestion() {
  const same: Choice<Answers> = {
    label: l10n.t('Like the student'),
    detail: l10n.t('As in the released code of LAD; RDD and CIRKD take deeplabv3-resnet101'),
    answer: { teacher: undefined },
  };
  return { placeholder: l10n.t('The teacher'), items: [same, ...networkChoices('teacher')] };
}

/** Every model on every backbone it is published with; the usual ones first. */
function networkChoices(role: 'student' | 'teacher'): Choice<Answers>[] {
  const all = MODELS.flatMap((model) =>
    models[model].backbones.map((backbone): NetworkChoice => ({ model, backbone })),
  );
  const usual = ({ model, backbone }: NetworkChoice) => Number(USUAL_BACKBONE[model] === backbone);
  const order = role === 'student' ? (a: NetworkChoice, b: NetworkChoice) => usual(b) - usual(a) : () => 0;
  return [...all].sort(order).map((network) => ({
    label: `${network.model}-${network.backbone}`,
    detail: `${backbones[network.backbone].summary} ${costs(network)}`,
    answer: role === 'student' ? { student: network } : { teacher: network },
  }));
}

/** Of the network for Cityscapes, at the size where published tables have it. */
function costs(network: NetworkChoice): string {
  const { totals } = describeSegmenter(
    { ...network, classes: 19, inputChannels: 3, width: 1 },
    { batch: 1, height: 512, width: 512 },
  );
  return l10n.t('{0} parameters, {1} multiply-adds', count(totals.parameters), count(totals.multiplyAdds));
}

function languageQuestion() {
  const items: Choice<Answers>[] = [
    { label: 'JSON', detail: l10n.t('With comments: *.distill.json'), answer: { language: 'json' } },
    { label: 'YAML', detail: '*.distill.yaml', answer: { language: 'yaml' } },
  ];
  return { placeholder: l10n.t('Written in'), items };
}

async function pickFolder(): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0)
    throw new Error(l10n.t('Open a folder first: a configuration and its runs are kept in it.'));
  if (folders.length === 1) return folders[0]?.uri;
  return (await window.showWorkspaceFolderPick())?.uri;
}

async function freeName(folder: Uri, name: string, language: ConfigLanguage): Promise<Uri> {
  for (let n = 1; ; n++) {
    const uri = Uri.joinPath(folder, `${name}${n === 1 ? '' : `-${n}`}.distill.${language}`);
    try {
      await workspace.fs.stat(uri);
    } catch {
      return uri;
    }
  }
}
