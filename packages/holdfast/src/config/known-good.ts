import { statSync } from 'node:fs'

const variable = 'HOLDFAST_CONFIG_CHECKED'

/** True where a parent process, or another thread, has found this very file good. */
export function isKnownGood(path: string): boolean {
  return process.env[variable] === stateOf(path)
}

/** Tells children and threads, which an application may start by the dozen: checking takes longer than all else that they load. */
export function rememberGood(path: string): void {
  process.env[variable] = stateOf(path)
}

function stateOf(path: string): string {
  const { mtimeMs, size } = statSync(path)
  return `${path} ${mtimeMs} ${size}`
}
