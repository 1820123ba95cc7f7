/** What `npm run package` makes. */
export const VSIX: string;
