import { ask, closeEditors, type Measured, type Studio, timeFrom } from './studio';
import { CROPS, configName, FLOOR_TEXT } from './workspace';

/** Of the second number of the crop, after which is typed. */
const LINE = 12;
/** Each makes the crop a width that no network divides; none twice in a file, because what was found is remembered. */
const DIGITS = ['1', '2', '3', '5', '6', '7', '9'];
/** Between two keys; whoever types faster waits for nothing more. */
const PAUSE_MS = 200;

/** From a key to what is underlined because of it. */
export async function keystrokes(studio: Studio, files: number): Promise<Measured> {
  const values: number[] = [];
  const floor: number[] = [];
  for (const i of CROPS.keys()) {
    if (i >= files) break;
    values.push(...(await typed(studio, configName(i))));
    floor.push(...(await typed(studio, FLOOR_TEXT)));
    await closeEditors(studio);
  }
  return { 'validate-keystroke': { values, floor } };
}

async function typed(studio: Studio, file: string): Promise<number[]> {
  const { page, workbench } = studio;
  const times: number[] = [];
  await workbench.openFile(page, file);
  await page.keyboard.press('Control+g');
  await page.keyboard.type(`${LINE}:99`);
  await page.keyboard.press('Enter');
  for (const digit of DIGITS) {
    await ask(page, 'sight', 'plain');
    await page.waitForTimeout(PAUSE_MS);
    times.push(
      await timeFrom(
        page,
        'keydown',
        () => page.keyboard.press(digit),
        () => ask(page, 'sight', 'underlined'),
      ),
    );
    await page.keyboard.press('Escape');
    await page.keyboard.press('Backspace');
  }
  // Else VS Code asks what is to become of it when it is closed.
  await workbench.runCommand(page, 'File: Revert File');
  return times;
}
