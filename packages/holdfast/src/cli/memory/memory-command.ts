import { parseArgs } from 'node:util'
import { HoldfastError } from '@holdfast/core'
import type { MemoryStore, MemoryTier } from '@holdfast/core/memory'
import { memory } from '@holdfast/policies/memory'
import { openMemoryStore, usualMemoryPath } from '../../memory/open-memory.ts'
import { existingStore } from '../existing-store.ts'
import type { CommandIo } from '../journal/journal-command.ts'
import { describeMemory, historyText, hitsText, memoriesText } from './memory-text.ts'

const help = `Shows what agents remember, and takes it away.

  holdfast memory [ls] [--user u] [--tenant t] [--namespace n] [--session s] [--tier long-term] [--limit 20]
                                   the latest memories; --tier is session, working or long-term
  holdfast memory show <id>        one memory, whose it is and where it comes from
  holdfast memory history <id>     all that was said of it, oldest first
  holdfast memory search <words>   what a recall finds, with its scores; of --user or --namespace,
                                   --as-of 2026-11-21T12:00 (UTC) for what was known then
  holdfast memory forget <id> ...  deletes memories with all their versions
  holdfast memory export --user u [--tenant t]
                                   everything that is kept of a user, as JSON
  holdfast memory erase --user u [--tenant t]
                                   deletes everything of a user; no byte of it stays in the files

  --store <file or redis:// address>   default: HOLDFAST_MEMORY, else ${usualMemoryPath}
  What is encrypted is read with the key in HOLDFAST_KEY.
`

const options = {
  store: { type: 'string' },
  user: { type: 'string' },
  tenant: { type: 'string' },
  namespace: { type: 'string' },
  session: { type: 'string' },
  tier: { type: 'string' },
  limit: { type: 'string' },
  'as-of': { type: 'string' },
  help: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>['values']

const tiers: readonly string[] = ['session', 'working', 'long-term'] satisfies MemoryTier[]

/** Runs `holdfast memory` and returns its exit code. */
export async function memoryCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    const [command = 'ls', ...rest] = positionals
    if (values.help === true || command === 'help') {
      io.stdout.write(help)
      return 0
    }
    const store = openStore(values)
    try {
      io.stdout.write(await perform(command, store, rest, values))
    } finally {
      await store.close()
    }
    return 0
  } catch (error) {
    io.stderr.write(`holdfast memory: ${error instanceof Error ? error.message : String(error)}\n`)
    if (HoldfastError.is(error)) return 1
    io.stderr.write('Try: holdfast memory --help\n')
    return 2
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

async function perform(
  command: string,
  store: MemoryStore,
  rest: readonly string[],
  values: Values,
): Promise<string> {
  switch (command) {
    case 'ls':
      return memoriesText(await store.list({ ...whose(values), limit: limitOf(values, 20) }))
    case 'show': {
      const id = needed(rest[0], 'an id')
      const version = await store.find(id)
      if (version === undefined) throw unknown(id)
      return describeMemory(version)
    }
    case 'history': {
      const id = needed(rest[0], 'an id')
      const versions = await store.history(id)
      if (versions.length === 0) throw unknown(id)
      return historyText(versions)
    }
    case 'search':
      return search(store, needed(rest.join(' ') || undefined, 'what to look for'), values)
    case 'forget': {
      needed(rest[0], 'an id')
      const count = await store.forget(rest)
      if (count === 0) throw unknown(rest.join(', '))
      return `${memories(count)} forgotten\n`
    }
    case 'export': {
      const owner = ownerOf(values)
      return `${JSON.stringify(await memory({ store }).export(owner), withoutVectors, 2)}\n`
    }
    case 'erase': {
      const owner = ownerOf(values)
      const count = await store.erase(owner)
      const others = await store.list({ user: owner.user })
      const tenants = new Set(others.map(({ place }) => place.tenant ?? 'no tenant'))
      const left =
        tenants.size === 0
          ? ''
          : `a user of that name has memories of ${[...tenants].join(', ')}, which stay\n`
      return `${memories(count)} of ${owner.user} erased\n${left}`
    }
    default:
      throw new TypeError(
        `there is no command ${JSON.stringify(command)}; commands: ls, show, history, search, forget, export, erase`,
      )
  }
}

async function search(store: MemoryStore, query: string, values: Values): Promise<string> {
  const { user, tenant, namespace, session, 'as-of': asOf } = values
  // Times are shown in UTC, and read so.
  const asOfMs = asOf === undefined ? undefined : Date.parse(asOf.replace(/(T[\d:.]+)$/, '$1Z'))
  if (Number.isNaN(asOfMs)) throw new TypeError('--as-of is a time, such as 2026-11-21T12:00')
  if (user === undefined && namespace === undefined) {
    throw new TypeError('--user or --namespace is missing: a search is of somebody’s memory')
  }
  const hits = await memory({
    store,
    // Whoever can read the store can read all of it.
    ...(namespace === undefined ? {} : { namespaces: { [namespace]: { read: ['*'] } } }),
  }).recall({
    query,
    user,
    tenant,
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    ...(session === undefined ? {} : { session }),
    ...(asOfMs === undefined ? {} : { asOf: asOfMs }),
    maxItems: limitOf(values, 5),
  })
  return hitsText(hits)
}

function whose({ user, tenant, namespace, session, tier }: Values) {
  if (tier !== undefined && !tiers.includes(tier)) {
    throw new TypeError(`--tier is one of ${tiers.join(', ')}`)
  }
  return {
    user,
    tenant,
    namespace,
    session,
    ...(tier === undefined ? {} : { tiers: [tier as MemoryTier] }),
  }
}

function ownerOf({ user, tenant }: Values) {
  return { user: needed(user, '--user'), ...(tenant === undefined ? {} : { tenant }) }
}

function limitOf({ limit }: Values, usual: number): number {
  const count = limit === undefined ? usual : Number(limit)
  if (!Number.isInteger(count) || count < 1) throw new TypeError('--limit is a whole number from 1')
  return count
}

function openStore({ store }: Values): MemoryStore {
  return openMemoryStore(
    existingStore(store ?? (process.env['HOLDFAST_MEMORY'] || usualMemoryPath)),
  )
}

/** Floats as JSON would be most of an export, and say nothing to people. */
function withoutVectors(key: string, value: unknown): unknown {
  return key === 'vector' ? undefined : value
}

function memories(count: number): string {
  return `${count} ${count === 1 ? 'memory' : 'memories'}`
}

function unknown(id: string): HoldfastError {
  return new HoldfastError('OPTIONS_INVALID', `there is no memory ${id}`)
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new TypeError(`${what} is missing`)
  return value
}
