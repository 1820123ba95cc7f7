import type { BrowserContext, Page } from 'playwright-core';
import type { Server } from './server.d.mts';

export interface Session {
  workspace: string;
  server: Server;
  page: Page;
  context: BrowserContext;
  /** Requests to other machines, all refused. */
  blocked: string[];
  errors: string[];
  close(): Promise<void>;
}

export function openSession(
  files: Record<string, object | string>,
  options?: {
    settings?: object;
    untrusted?: boolean;
    prepare?: (workspace: string) => void;
    others?: string[];
  },
): Promise<Session>;
