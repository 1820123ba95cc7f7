import { z } from 'zod';

/**
 * Keeps libraries within the content security policy of the page. Every main.ts imports this before anything else,
 * because both act while modules are loaded.
 */

// Schemas probe for `new Function` when they are made; without this the policy reports it.
z.config({ jitless: true });

// The toolkit probes for :focus-visible with a style element, to which it gives the nonce of this tag if there is one;
// without it the probe breaks the policy and focus rings fall back to the old selector. The nonce is the script's own.
const nonce = (document.currentScript as HTMLScriptElement | null)?.nonce;
if (nonce && !document.querySelector('meta[property="csp-nonce"]')) {
  const meta = document.createElement('meta');
  meta.setAttribute('property', 'csp-nonce');
  meta.content = nonce;
  document.head.append(meta);
}
