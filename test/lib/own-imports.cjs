/** Of TypeScript: Node's own `import()` knows nothing of it. That of packages and of .mjs files stays. */
const OWN_IMPORT = /\bimport\((["']\.\.?\/(?![^"']*\.mjs)[^"']+["'])\)/g;

/** CommonJS whose `import()` of files of ours is by `require`. */
exports.requireOwn = (code) => code.replace(OWN_IMPORT, 'Promise.resolve().then(() => require($1))');
