import { l10n, ProgressLocation, type QuickPickItem, QuickPickItemKind, Uri, window } from 'vscode';
import type { DoctorReport, SetUpChoice } from '../../protocol/doctor';
import type { App } from '../app';
import { CliEnded } from '../cli-process';
import { isTrusted } from '../commands/start';
import { bytesText, deviceText, engineText, speedText } from './engine-text';
import { selectedInterpreter } from './python-interpreter';

interface ChoiceItem extends QuickPickItem {
  choice?: SetUpChoice;
}

/** "Distillation: Set Up Compute Engine": says what each way needs, does it, and says what came of it. */
export async function setUpEngine(app: App): Promise<void> {
  // It may look into environments of the workspace and load libraries from them.
  if (!(await isTrusted())) return;
  const choice = await pickChoice(app);
  const args = choice && (await argumentsFor(choice));
  if (!args) return;
  try {
    const report = await window.withProgress(
      {
        location: ProgressLocation.Notification,
        title: l10n.t('Setting up {0}', engineText(choice.engine)),
        cancellable: true,
      },
      async (progress, token) => {
        let shown = 0;
        return await app.engines.setUp(args, {
          token,
          onProgress: ({ text, done, total }) => {
            const share = done !== undefined && total ? (100 * done) / total : undefined;
            progress.report({
              message:
                share === undefined
                  ? text
                  : l10n.t('{0}: {1} of {2}', text, bytesText(done!), bytesText(total!)),
              ...(share === undefined ? {} : { increment: share - shown }),
            });
            // A new piece of work begins at nothing; the bar itself only ever grows.
            shown = share ?? 0;
          },
        });
      },
    );
    tell(app, choice.engine, report);
  } catch (error) {
    if (!(error instanceof CliEnded)) throw error;
    // What was set up before may be as it was, or gone with the files that it used.
    void app.engines.check();
    window.setStatusBarMessage(l10n.t('The set-up was ended; what was set up before is as it was.'), 5000);
  }
}

async function pickChoice(app: App): Promise<SetUpChoice | undefined> {
  const pick = window.createQuickPick<ChoiceItem>();
  pick.title = l10n.t('Set up a compute engine');
  pick.placeholder = l10n.t('TensorFlow is several times faster than the embedded engine');
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.busy = true;
  pick.items = [{ label: l10n.t('Looking at what this machine has …'), alwaysShow: true }];
  pick.show();
  const picked = new Promise<SetUpChoice | undefined>((resolve) => {
    pick.onDidAccept(() => {
      const choice = pick.selectedItems[0]?.choice;
      // A way that does not work here says why and is not taken.
      if (!choice || choice.refused) return;
      resolve(choice);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
  });
  try {
    pick.items = itemsOf(await app.engines.choices(await selectedInterpreter()));
    pick.busy = false;
  } catch (error) {
    pick.hide();
    throw error;
  }
  return await picked;
}

function itemsOf(choices: readonly SetUpChoice[]): ChoiceItem[] {
  const item = (choice: SetUpChoice): ChoiceItem => ({
    label: `$(${choice.refused ? 'circle-slash' : choice.gpu ? 'zap' : 'package'}) ${choice.title}`,
    description: sizes(choice),
    detail: choice.refused ? l10n.t('Not here: {0}', choice.refused) : choice.needs,
    choice,
  });
  const separator = (label: string): ChoiceItem => ({ label, kind: QuickPickItemKind.Separator });
  const possible = choices.filter(({ refused }) => !refused);
  const not = choices.filter(({ refused }) => refused);
  return [
    ...possible.map(item),
    ...(not.length > 0 ? [separator(l10n.t('not possible here')), ...not.map(item)] : []),
  ];
}

function sizes({ download, disk, time }: SetUpChoice): string {
  return [
    download > 0 ? l10n.t('{0} to download', bytesText(download)) : l10n.t('nothing to download'),
    ...(disk > 0 ? [l10n.t('{0} of disk', bytesText(disk))] : []),
    time,
  ].join(' · ');
}

/** What the choice still needs to know; undefined: the user went back on it. */
async function argumentsFor(choice: SetUpChoice): Promise<string[] | undefined> {
  if (choice.engine !== 'tensorflow') return [choice.engine];
  const gpu = choice.gpu ? ['--gpu'] : [];
  const args = [choice.engine, '--from', choice.source, ...gpu];
  switch (choice.source) {
    case 'index': {
      const url = await window.showInputBox({
        title: l10n.t('Address of the package index'),
        prompt: l10n.t('Its simple interface; usually ends with /simple/'),
        placeHolder: 'https://…/simple/',
        ignoreFocusOut: true,
        validateInput: (text) =>
          URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
            ? undefined
            : l10n.t('An address that begins with https:// or http://'),
      });
      return url ? [...args, '--index', url] : undefined;
    }
    case 'wheel': {
      const [file] =
        (await window.showOpenDialog({
          title: l10n.t('A wheel of TensorFlow, or an archive of libtensorflow'),
          openLabel: l10n.t('Use'),
          filters: { [l10n.t('Wheels and archives')]: ['whl', 'gz', 'zip'] },
        })) ?? [];
      if (!file) return undefined;
      // The name of the file tells a wheel from an archive.
      return [choice.engine, '--wheel', file.fsPath, ...gpu];
    }
    default:
      return [...args, ...(choice.python ? ['--python', choice.python] : [])];
  }
}

/** What came of it, in one message. */
function tell(app: App, name: string, report: DoctorReport): void {
  const { text, warns } = outcome(name, report);
  if (!warns) {
    void window.showInformationMessage(text);
    return;
  }
  const showLog = l10n.t('Show Log');
  void window.showWarningMessage(text, showLog).then((choice) => {
    if (choice === showLog) app.log.show();
  });
}

function outcome(name: string, report: DoctorReport): { text: string; warns: boolean } {
  const engine = report.engines.find((one) => one.name === name);
  const title = engineText(name);
  if (!engine?.available)
    return {
      text: l10n.t('{0} was set up but does not run: {1}', title, engine?.reason ?? ''),
      warns: true,
    };
  const { gpu, description, failures } = engine;
  if (failures.length > 0)
    return {
      text: l10n.t('{0} gives wrong numbers here ({1}) and is not used.', title, failures.join(', ')),
      warns: true,
    };
  const version = description.versions[name];
  const ready = l10n.t(
    '{0} is ready: {1}, {2}.',
    version ? `${title} ${version}` : title,
    gpu?.used ? gpu.name : deviceText(description.device),
    speedText(engine),
  );
  if (gpu && !gpu.used && gpu.expected) return { text: `${ready} ${gpu.reason} ${gpu.remedy}`, warns: true };
  if (report.auto === name || report.auto === null) return { text: ready, warns: false };
  const stays = l10n.t('{0} is faster here and stays what computes.', engineText(report.auto));
  return { text: `${ready} ${stays}`, warns: false };
}

/** "Distillation: Remove TensorFlow": what was set up goes; the embedded engine stays. */
export async function removeEngine(app: App): Promise<void> {
  const { knowledge } = app.engines;
  const tensorflow = knowledge.kind === 'known' ? knowledge.report.tensorflow : undefined;
  const remove = l10n.t('Remove');
  const choice = await window.showWarningMessage(
    l10n.t('Remove TensorFlow?'),
    {
      modal: true,
      detail: tensorflow?.folder
        ? l10n.t(
            '{0} goes from the disk, for all windows. Runs that use it now may fail. It can be set up again.',
            Uri.file(tensorflow.folder).fsPath,
          )
        : l10n.t('It is no longer used; files of Python environments stay where they are.'),
    },
    remove,
  );
  if (choice !== remove) return;
  await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Removing TensorFlow') },
    async () => {
      await app.engines.remove('tensorflow', {});
    },
  );
}
