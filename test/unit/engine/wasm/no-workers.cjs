// A process whose threads do not start, as under a policy that forbids them: `node --require` this.
require('node:worker_threads').Worker = class {
  constructor() {
    throw new Error('not allowed here');
  }
};
