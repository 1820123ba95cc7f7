import { type Disposable, QuickInputButtons, type QuickPickItem, window } from 'vscode';

/** One question of several. Undefined where it does not arise, after what was answered so far. */
export type Step<Answers> = (answers: Partial<Answers>) => Question<Answers> | undefined;

export interface Question<Answers> {
  placeholder: string;
  items: readonly Choice<Answers>[];
}

export interface Choice<Answers> extends QuickPickItem {
  /** What choosing it answers; may ask for more, and answers nothing where that was given up. */
  answer: Partial<Answers> | (() => Promise<Partial<Answers> | undefined>);
}

/** Asks one question after the other, with a way back. Undefined when it was given up. */
export async function askInSteps<Answers>(
  title: string,
  steps: readonly Step<Answers>[],
): Promise<Partial<Answers> | undefined> {
  /** Answers before each question that was asked. */
  const trail: { step: number; answers: Partial<Answers> }[] = [];
  let answers: Partial<Answers> = {};
  for (let step = 0; step < steps.length; ) {
    const question = steps[step]!(answers);
    if (!question) {
      step++;
      continue;
    }
    const total = steps.filter((one, i) => i <= step || one(answers)).length;
    const chosen = await ask(title, question, { step: trail.length + 1, total, back: trail.length > 0 });
    if (chosen === undefined) return undefined;
    if (chosen === 'back') {
      ({ step, answers } = trail.pop()!);
      continue;
    }
    const answer = typeof chosen.answer === 'function' ? await chosen.answer() : chosen.answer;
    // A dialog that was closed: the question again.
    if (!answer) continue;
    trail.push({ step, answers });
    answers = { ...answers, ...answer };
    step++;
  }
  return answers;
}

function ask<Answers>(
  title: string,
  { placeholder, items }: Question<Answers>,
  { step, total, back }: { step: number; total: number; back: boolean },
): Promise<Choice<Answers> | 'back' | undefined> {
  return new Promise((done) => {
    const pick = window.createQuickPick<Choice<Answers>>();
    Object.assign(pick, {
      ...{ title, placeholder, items, step, totalSteps: Math.max(total, step) },
      matchOnDescription: true,
      matchOnDetail: true,
      ignoreFocusOut: true,
      buttons: back ? [QuickInputButtons.Back] : [],
    });
    const listeners: Disposable[] = [];
    const finish = (result: Choice<Answers> | 'back' | undefined) => {
      for (const listener of listeners) listener.dispose();
      pick.dispose();
      done(result);
    };
    listeners.push(
      pick.onDidTriggerButton(() => finish('back')),
      pick.onDidAccept(() => pick.selectedItems[0] && finish(pick.selectedItems[0])),
      pick.onDidHide(() => finish(undefined)),
    );
    pick.show();
  });
}
