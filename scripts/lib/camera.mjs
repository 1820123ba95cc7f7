// Takes pictures of a window in which nothing moves any more.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommand } from '../../test/lib/workbench.mjs';
import { root } from './steps.mjs';

/** Two pictures in a row that are equal: what was asked for has been drawn. */
const PAUSE_MS = 400;
const MOST_LOOKS = 12;

const FOLDERS = { readme: 'docs/images', walkthrough: 'media/walkthrough' };
const SIZES = { readme: { width: 1440, height: 900 }, walkthrough: { width: 1120, height: 640 } };

export class Camera {
  written = [];

  /** @param {string[]} wanted names of pictures; none: all */
  constructor(page, wanted) {
    this.page = page;
    this.wanted = wanted;
  }

  /** Makes the window as large as a picture is to be; `height`: as high as what is shown in it needs. */
  async frame(kind, height = SIZES[kind].height) {
    await this.page.setViewportSize({ ...SIZES[kind], height });
  }

  /**
   * @param {keyof typeof FOLDERS} kind
   * @param {string} name
   * @param {{of?: import('playwright-core').Locator, mouse?: boolean, moving?: boolean}} [options] `of`: a part of the window;
   *   `mouse`: stays where it is, for what it brings up; `moving`: something moves all the time
   */
  async take(kind, name, { of = this.page, mouse = false, moving = false } = {}) {
    if (this.wanted.length > 0 && !this.wanted.includes(name)) return;
    if ((await this.page.locator('.notification-toast').count()) > 0)
      await runCommand(this.page, 'Notifications: Clear All Notifications');
    // What is under the mouse would have its tooltip.
    if (!mouse) await this.page.mouse.move(1, this.page.viewportSize().height - 1);
    let picture = await of.screenshot();
    for (let look = 0; look < (moving ? 2 : MOST_LOOKS); look++) {
      await this.page.waitForTimeout(PAUSE_MS);
      const next = await of.screenshot();
      const settled = next.equals(picture);
      picture = next;
      if (settled) break;
    }
    const file = join(root, FOLDERS[kind], `${name}.png`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, picture);
    this.written.push(relative(root, file));
  }
}
