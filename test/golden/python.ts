import { findPython } from '../../bench/pytorch-home';

/** The Python that has PyTorch. Errors: there is none. */
export const pythonWithTorch = findPython;

/** Why tests that need PyTorch cannot run; false where they can, or where they must and shall fail. */
export const withoutPyTorch: string | false =
  process.env.DISTILL_REQUIRE_PYTORCH === '1' || isThere()
    ? false
    : 'PyTorch is not set up: node scripts/setup-pytorch.mjs';

function isThere(): boolean {
  try {
    findPython();
    return true;
  } catch {
    return false;
  }
}
