// Drives VS Code's workbench in a page: what a user does with the keyboard and reads on the screen.

/** Pages that are being left: what VS Code was at then is told as errors, by itself. */
export const leaving = new WeakSet();

/** Opens a folder, or a window without one, and waits until the workbench stands. */
export async function openWorkbench(page, server, workspace) {
  await page.goto(`${server.url}/?${workspace ? `folder=${encodeURIComponent(workspace)}` : 'ew=true'}`);
  await workbenchReady(page, workspace ? 'visible' : 'attached');
}

/** Waits until the workbench stands. Without a folder older versions begin with the side bar hidden. */
async function workbenchReady(page, sidebar = 'visible') {
  await page.locator('.monaco-workbench .statusbar-item').first().waitFor({ timeout: 60_000 });
  // The page restores what was open; that there is a side bar with content is as far as all layouts agree.
  await page.locator('.part.sidebar .composite.title').waitFor({ state: sidebar, timeout: 60_000 });
}

/** Reloads the window as a user does: VS Code saves its state, the extension host ends and another one starts. */
export async function reloadWindow(page) {
  await page.evaluate(() => {
    globalThis.beforeReload = true;
  });
  leaving.add(page);
  await runCommand(page, 'Developer: Reload Window');
  await page.waitForFunction(() => !globalThis.beforeReload, undefined, { timeout: 60_000 });
  leaving.delete(page);
  await workbenchReady(page);
}

/**
 * Runs a command by its title in the palette. Retries: commands of an extension show up once the extension host is
 * up, an `enablement` may not hold yet, and an open palette does not refresh.
 */
export async function runCommand(page, title, { timeout = 60_000 } = {}) {
  const end = Date.now() + timeout;
  for (let patience = 1500; ; patience *= 1.5) {
    try {
      await page.keyboard.press('Escape');
      await page.keyboard.press('F1');
      // Anything that takes the focus meanwhile, such as a panel that opens, closes the palette again.
      await page.locator('.quick-input-widget input').fill(`>${title}`, { timeout: 2 * patience });
      const label = page.locator('.label-name', { hasText: title });
      const hit = page.locator('.quick-input-list [role=option]').filter({ has: label }).first();
      await hit.waitFor({ timeout: patience });
      // Long, because a click that was done but timed out would be done twice.
      await hit.click({ timeout: 15_000 });
      return;
    } catch (error) {
      if (Date.now() > end) throw new Error(`The palette does not offer "${title}".`, { cause: error });
    }
  }
}

/** Opens a file of the workspace by its name. Retries: the list of files may not be there yet. */
export async function openFile(page, name, { timeout = 30_000 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    try {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+p');
      await page.locator('.quick-input-widget input').fill(name, { timeout: 3000 });
      await page
        .locator('.quick-input-list [role=option]', { hasText: name })
        .first()
        .click({ timeout: 10_000 });
      break;
    } catch (error) {
      if (Date.now() > end) throw new Error(`${name} is not offered.`, { cause: error });
    }
  }
  await page.locator(`.tab.active[aria-label*="${name}"]`).first().waitFor();
  await page.locator('.editor-instance .monaco-editor .view-line').first().waitFor();
}

/** Shows the extension's side bar. */
export async function showSideBar(page) {
  const view = page.locator('.part.sidebar .composite.title', { hasText: /distillation/i });
  const end = Date.now() + 30_000;
  for (;;) {
    if (await view.isVisible()) return;
    // The badge that counts running runs lies over the icon.
    await page.locator('.activitybar .action-item a[aria-label^="Distillation"]').click({ force: true });
    try {
      return await view.waitFor({ timeout: 3000 });
    } catch (error) {
      // A window that was still restoring the side bar takes the click for the one that hides it.
      if (Date.now() > end) throw error;
    }
  }
}

/** What an empty view says, with its button. */
export function welcome(page, text, button) {
  return page.locator('.welcome-view', { hasText: text }).getByRole('button', { name: button, exact: true });
}

/** The rows of the Runs view. */
export function runRows(page) {
  return page.getByRole('tree', { name: /Runs/ }).getByRole('treeitem');
}

/**
 * The frame with an extension's HTML: iframe.webview (VS Code's shell, with the service worker) > iframe#active-frame.
 * VS Code places webviews outside the DOM of the editor or view they belong to, so they are found among all frames
 * of the page: by a selector in their document and by where they lie on the screen.
 * @param {'editor' | 'sidebar'} part
 */
export async function webviewFrame(page, selector, part, { timeout = 30_000 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    for (const frame of page.frames()) {
      const shell = frame.parentFrame();
      if (!shell?.url().includes('/webview/browser/pre/')) continue;
      try {
        if ((await frame.locator(selector).count()) === 0) continue;
        const outer = await (await shell.frameElement()).boundingBox();
        const area = await page.locator(`.part.${part}`).boundingBox();
        if (!outer || !area || outer.width === 0 || outer.height === 0) continue;
        const x = outer.x + outer.width / 2;
        if (x >= area.x && x <= area.x + area.width) return frame;
      } catch {
        // the frame went away while it was looked at
      }
    }
    if (Date.now() > end) {
      const frames = page.frames().map((frame) => `${frame.name()} ${frame.url()}`);
      throw new Error(`No webview with "${selector}" in the ${part}. Frames:\n${frames.join('\n')}`);
    }
    await page.waitForTimeout(100);
  }
}

/** Chooses a colour theme by its label. */
export async function setTheme(page, label) {
  await runCommand(page, 'Preferences: Color Theme');
  await page.locator('.quick-input-widget input').fill(label);
  await page.locator('.quick-input-list [role=option]', { hasText: label }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
}

/**
 * What is really painted on a canvas: how many of its pixels are not fully transparent, and how many colours they have.
 * @returns {Promise<{width: number, height: number, painted: number, colors: number}>} painted: fraction of the pixels
 */
export async function paintedPixels(canvas) {
  return await canvas.evaluate((element) => {
    const { width, height } = element;
    if (width === 0 || height === 0) return { width, height, painted: 0, colors: 0 };
    const { data } = element.getContext('2d').getImageData(0, 0, width, height);
    const colors = new Set();
    let painted = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      painted++;
      if (colors.size < 5000) colors.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    }
    return { width, height, painted: painted / (width * height), colors: colors.size };
  });
}
