import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { hash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { auditSettings } from '../audit/open-audit.ts'
import { usualPath } from '../journal/open-journal.ts'
import type { HoldfastOptions } from '../options.ts'
import { optionAt } from './facts.ts'
import type { EnvironmentFile, SeenFile } from './facts.ts'
import type { ShownOptions } from '../config/shown-options.ts'

/** The files of a set-up that hold what was said, what was decided, or keys. */
export function setupFiles(folder: string, options: ShownOptions): readonly SeenFile[] {
  const found: SeenFile[] = []
  const look = (path: string, what: string, isOurs: boolean): void => {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats !== undefined) found.push({ path, what, mode: stats.mode & 0o7777, isOurs })
  }
  const journal = journalPlace(folder, options)
  if (journal !== undefined && !isRedis(journal)) {
    for (const ending of ['', '-wal', '-shm']) look(`${journal}${ending}`, 'the journal', true)
    if (basenameIsOurs(journal)) look(dirname(journal), 'the folder of the journal', true)
  }
  const audit = auditSettings(optionAt(options, 'audit') as HoldfastOptions['audit'])
  if (audit !== undefined) {
    const at = resolve(folder, audit.folder)
    look(at, 'the folder of the audit log', true)
    for (const name of existsSync(at) ? readdirSync(at) : []) {
      if (name.endsWith('.jsonl')) look(join(at, name), 'the audit log', true)
    }
  }
  for (const name of environmentNames(folder)) look(join(folder, name), 'keys', false)
  return found
}

/** Where the journal is: a file, or the address of a Redis; undefined where it is off, or a store of the application's own. */
export function journalPlace(folder: string, options: object): string | undefined {
  if (optionAt(options, 'journal') === false) return undefined
  const named = optionAt(options, 'journal.store') ?? process.env['HOLDFAST_JOURNAL']
  if (named !== undefined && typeof named !== 'string') return undefined
  const place = named === undefined || named === '' ? usualPath : named
  return isRedis(place) ? place : resolve(folder, place)
}

/** True for an address, false for a file. */
export function isRedis(place: string): boolean {
  return /^rediss?:/.test(place)
}

/** Which keys the files of each environment hold, without their values. */
export function environmentFiles(folder: string): readonly EnvironmentFile[] {
  return environmentNames(folder).map((name) => {
    const path = join(folder, name)
    const keys: Record<string, string> = {}
    for (const [key, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) {
      if (value === undefined || value.length < 8 || !keyName.test(key)) continue
      keys[key] = hash('sha256', value)
    }
    return { path, environment: name.slice('.env.'.length), keys }
  })
}

const keyName = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i

/** `.env` files, but for those that are meant to be shown. */
function environmentNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^\.env(?:\.[\w-]+)*$/.test(name) && !/example|sample|template/.test(name))
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .toSorted()
}

function basenameIsOurs(path: string): boolean {
  return dirname(path).endsWith('.holdfast')
}
