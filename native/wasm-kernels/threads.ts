import { runTask } from './tasks';

// How threads share a job. One word of memory, the ticket, says which job is on and which task of it is next, so that a
// thread that comes late finds either a task of the present job or none, and nobody waits for it. Tasks are cut the same
// way whatever the number of threads, and none reads what another writes: results do not depend on who computed what.

// Offsets in the control block, each part on a cache line of its own.
/** u64: job number (24 bits), its number of tasks (20), the next task (20). */
const TICKET: usize = 0;
/** i32: tasks of this job that are done. */
const DONE: usize = 64;
/** i32: changes with every job; what idle threads sleep on. */
const EPOCH: usize = 128;
const SLEEPERS: usize = 132;
const CALLER_WAITS: usize = 136;
const KERNEL: usize = 192;
const WORKERS: usize = 196;
const FAILED: usize = 200;
const STOP: usize = 204;
/** f64s: the arguments of the job. */
const ARGS: usize = 256;

const MAX_TASKS: u64 = 0xfffff;
/** How often a thread looks again before it sleeps: some ten microseconds, the time between two operations of a step. */
const SPINS: i32 = 8000;
/** A caller that sleeps looks now and then whether a thread has failed. */
const SECOND: i64 = 1000000000;

/** Runs all tasks of a kernel, with the help of the other threads. False: another thread failed. */
export function run(control: usize, scratch: usize, kernel: i32, tasks: i32): bool {
  const args = control + ARGS;
  if (tasks <= 1 || load<i32>(control, WORKERS) === 0) {
    for (let task = 0; task < tasks; task++) runTask(kernel, task, args, scratch);
    return true;
  }
  store<i32>(control, kernel, KERNEL);
  atomic.store<i32>(control, 0, DONE);
  const job = (atomic.load<u64>(control, TICKET) >> 40) + 1;
  atomic.store<u64>(control, (job << 40) | ((<u64>tasks) << 20), TICKET);
  atomic.add<i32>(control, 1, EPOCH);
  if (atomic.load<i32>(control, SLEEPERS) > 0) atomic.notify(control + EPOCH, -1);
  while (runNext(control, scratch)) {}
  return waitForAll(control, tasks);
}

/** Takes the next task of the present job and does it. False: there is none. */
function runNext(control: usize, scratch: usize): bool {
  // Looking first keeps idle threads from counting the ticket up.
  const seen = atomic.load<u64>(control, TICKET);
  if ((seen & MAX_TASKS) >= ((seen >> 20) & MAX_TASKS)) return false;
  const ticket = atomic.add<u64>(control, 1, TICKET);
  const tasks = (ticket >> 20) & MAX_TASKS;
  const task = ticket & MAX_TASKS;
  if (task >= tasks) return false;
  // The task is ours and not done: kernel and arguments stay until we say so.
  runTask(load<i32>(control, KERNEL), <i32>task, control + ARGS, scratch);
  const done = <u64>atomic.add<i32>(control, 1, DONE) + 1;
  if (done === tasks && atomic.load<i32>(control, CALLER_WAITS) !== 0) atomic.notify(control + DONE, 1);
  return true;
}

function waitForAll(control: usize, tasks: i32): bool {
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(control, DONE) === tasks) return true;
  atomic.store<i32>(control, 1, CALLER_WAITS);
  let done = atomic.load<i32>(control, DONE);
  while (done !== tasks && atomic.load<i32>(control, FAILED) === 0) {
    atomic.wait<i32>(control + DONE, done, SECOND);
    done = atomic.load<i32>(control, DONE);
  }
  atomic.store<i32>(control, 0, CALLER_WAITS);
  return done === tasks;
}

/** What a thread does all its life: tasks, and sleep when there are none. Returns when it is told to stop. */
export function work(control: usize, scratch: usize): void {
  let idle = 0;
  while (atomic.load<i32>(control, STOP) === 0) {
    const epoch = atomic.load<i32>(control, EPOCH);
    if (runNext(control, scratch)) idle = 0;
    else if (++idle > SPINS) {
      atomic.add<i32>(control, 1, SLEEPERS);
      // Returns at once if a job has come since `epoch` was read.
      atomic.wait<i32>(control + EPOCH, epoch, -1);
      atomic.sub<i32>(control, 1, SLEEPERS);
      idle = 0;
    }
  }
}
