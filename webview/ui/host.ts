import { z } from 'zod';
import { type FromWebview, type ToWebview, toWebviewSchema } from '../../src/protocol/panel';
import { t } from './l10n';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;
const api = acquireVsCodeApi();

export const post = (message: FromWebview): void => api.postMessage(message);
/** For panels with messages of their own. */
export const postAs = <M extends object>(message: M): void => api.postMessage(message);
export const savedState = (): unknown => api.getState();
export const saveState = (state: object): void => api.setState(state);

/** Checks every message on arrival; what is not of the protocol is told as a problem. */
export function listenTo<M>(
  schema: z.ZodType<M>,
  receive: (message: M) => void,
  problem: (message: string) => void,
): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const parsed = schema.safeParse(event.data);
    if (parsed.success) receive(parsed.data);
    else
      problem(
        t(
          'A message from the extension could not be read ({0}). Close this panel and open it again.',
          z.prettifyError(parsed.error).split('\n')[0]!,
        ),
      );
  });
}

/** The messages of the run panel and the Live view. */
export function listen(receive: (message: ToWebview) => void): void {
  listenTo(toWebviewSchema, receive, (message) => receive({ kind: 'problem', message }));
}
