import { z } from 'zod';
import { type FromWebview, type ToWebview, toWebviewSchema } from '../../src/protocol/panel';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;
const api = acquireVsCodeApi();

export const post = (message: FromWebview): void => api.postMessage(message);
export const savedState = (): unknown => api.getState();
export const saveState = (state: object): void => api.setState(state);

/** Checks every message on arrival; what is not of the protocol becomes a problem that can be shown. */
export function listen(receive: (message: ToWebview) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const parsed = toWebviewSchema.safeParse(event.data);
    if (parsed.success) receive(parsed.data);
    else
      receive({
        kind: 'problem',
        message: `A message from the extension could not be read (${z.prettifyError(parsed.error).split('\n')[0]}). Close this panel and open the run again.`,
      });
  });
}
