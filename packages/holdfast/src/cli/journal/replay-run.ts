import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

/**
 * Runs a command whose agent gets the answers of a run: no request goes out, no tool runs.
 * Resolves with the command's exit code.
 */
export function replayRun(
  runId: string,
  store: string,
  [program, ...args]: readonly string[],
): Promise<number> {
  if (program === undefined) {
    throw new TypeError('say which command: holdfast replay <run> -- node agent.js')
  }
  const HOLDFAST_JOURNAL = /^rediss?:/.test(store) ? store : resolve(store)
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, HOLDFAST_JOURNAL, HOLDFAST_REPLAY: runId },
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', (code) => done(code ?? 1))
  })
}
