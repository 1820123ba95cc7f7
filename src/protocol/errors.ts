/** Every refusal a user can meet. The code is stable, so that tests, the editor and scripts can tell errors apart. */
export type ErrorCode =
  | 'config-syntax'
  | 'config-invalid'
  | 'dataset-missing'
  | 'dataset-empty'
  | 'dataset-pair'
  | 'dataset-size'
  | 'dataset-label'
  | 'image-unreadable'
  | 'checkpoint-missing'
  | 'checkpoint-broken'
  | 'checkpoint-mismatch'
  | 'engine-unavailable'
  | 'engine-operation'
  | 'engine-memory'
  | 'numeric'
  | 'run-missing'
  | 'run-broken'
  | 'run-locked'
  | 'disk-full'
  | 'io'
  | 'usage';

/** What was wrong, where, and what to do instead. `message` is complete by itself: it ends with the remedy. */
export class DistillError extends Error {
  readonly code: ErrorCode;
  /** What was wrong; one sentence. */
  readonly what: string;
  /** File, folder or configuration path (`student.width`) the error is about. */
  readonly where: string | undefined;
  /** What the user can do about it; one sentence. */
  readonly remedy: string;

  constructor(
    code: ErrorCode,
    what: string,
    options: { where?: string | undefined; remedy: string; cause?: unknown },
  ) {
    super(`${options.where ? `${options.where}: ` : ''}${what} ${options.remedy}`, { cause: options.cause });
    this.name = 'DistillError';
    this.code = code;
    this.what = what;
    this.where = options.where;
    this.remedy = options.remedy;
  }
}

/** Errors of the operating system that mean the same to a user everywhere: a full disk, a missing permission. */
export function describeIoError(error: unknown, where: string): DistillError {
  if (error instanceof DistillError) return error;
  const code = (error as NodeJS.ErrnoException)?.code;
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new DistillError('disk-full', 'The disk is full.', {
      where,
      remedy: 'Free some space and resume the run; everything written before is intact.',
      cause: error,
    });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new DistillError('io', `Not allowed to read or write here (${code}).`, {
      where,
      remedy: 'Check the permissions of the folder or choose another one.',
      cause: error,
    });
  return new DistillError('io', `${reason}.`, {
    where,
    remedy: 'Check the path and the disk.',
    cause: error,
  });
}
