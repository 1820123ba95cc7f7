import { distill } from './distill';

// The entry of the program `distill`.
distill(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
