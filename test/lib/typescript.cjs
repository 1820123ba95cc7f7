// Lets Node run our TypeScript as CommonJS: `node --require test/lib/typescript.cjs`. What test/run-unit.mjs has compiled in
// one go ($TEST_COMPILED) is taken from there: hundreds of processes are started, and each would otherwise start a compiler.
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { join, relative, resolve } = require('node:path');
const { requireOwn } = require('./own-imports.cjs');

const root = resolve(__dirname, '../..');
const compiled = process.env.TEST_COMPILED;
let compileNow;

Module._extensions['.ts'] = (module, file) => {
  const ready = compiled && join(compiled, relative(root, file).replace(/\.ts$/, '.js'));
  if (ready && existsSync(ready)) module._compile(readFileSync(ready, 'utf8'), file);
  else compileHere(module, file);
};

/** What a test wrote itself, or all where nothing was compiled beforehand. */
function compileHere(module, file) {
  if (!compileNow) {
    const own = Module._extensions['.ts'];
    require('tsx/cjs');
    compileNow = Module._extensions['.ts'];
    Module._extensions['.ts'] = own;
  }
  const compile = module._compile;
  module._compile = (code, ...rest) => compile.call(module, requireOwn(code), ...rest);
  compileNow(module, file);
}
