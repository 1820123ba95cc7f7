import type { Frame, Locator, Page } from 'playwright-core';

export function reloadWindow(page: Page): Promise<void>;
export function runCommand(page: Page, title: string, options?: { timeout?: number }): Promise<void>;
export function openFile(page: Page, name: string, options?: { timeout?: number }): Promise<void>;
export function showSideBar(page: Page): Promise<void>;
export function runRows(page: Page): Locator;
export function webviewFrame(
  page: Page,
  selector: string,
  part: 'editor' | 'sidebar',
  options?: { timeout?: number },
): Promise<Frame>;
