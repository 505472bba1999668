import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { HoldfastError } from '@holdfast/core'
import { journal } from '@holdfast/journal'
import type { Progress, RunsApi } from '@holdfast/journal'
import { Prices } from '@holdfast/telemetry'
import { display } from '../../journal/display.ts'
import { namedKeys, openJournalStore, usualPath } from '../../journal/open-journal.ts'
import { readDuration } from './duration.ts'
import { listRuns } from './list-runs.ts'
import { progressLine } from './progress.ts'
import { replayLive } from './replay-live.ts'
import { replayRun } from './replay-run.ts'
import { showRun } from './show-run.ts'

export interface CommandOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface CommandIo {
  readonly stdout: CommandOutput
  readonly stderr: CommandOutput
}

/** The commands that look into a journal. */
const journalCommands = [
  'runs',
  'show',
  'replay',
  'resolve',
  'prune',
  'export',
  'import',
  'rekey',
] as const
export type JournalCommand = (typeof journalCommands)[number]

const help = `Looks into the journal.

  holdfast runs [--state waiting] [--agent a] [--session s] [--limit 20]
  holdfast show <run> [--content]            what happened, call by call
  holdfast replay <run> -- node agent.js     the same answers, without a request and without a tool
  holdfast replay <run> --live [--model m] [--system file] [--base-url u]
                                             the same requests, asked again; old and new answers side by side
  holdfast resolve <effect> done [<json>]    it happened, with this result
  holdfast resolve <effect> again            it did not happen: run it
  holdfast resolve <effect> skip             leave it be, and tell the model so
  holdfast prune --older-than 30d [--unfinished]
  holdfast export <run> [file] [--full]      without --full, secrets and personal data are taken out
  holdfast import <file> [--as <id>]
  holdfast rekey                             gives all runs to HOLDFAST_KEY; HOLDFAST_OLD_KEYS has the old ones

  --store <file or redis:// address>         default: HOLDFAST_JOURNAL, else ${usualPath}
`

const options = {
  store: { type: 'string' },
  state: { type: 'string' },
  agent: { type: 'string' },
  session: { type: 'string' },
  limit: { type: 'string' },
  content: { type: 'boolean' },
  full: { type: 'boolean' },
  unfinished: { type: 'boolean' },
  'older-than': { type: 'string' },
  as: { type: 'string' },
  live: { type: 'boolean' },
  model: { type: 'string' },
  system: { type: 'string' },
  'base-url': { type: 'string' },
  help: { type: 'boolean' },
} as const

type Values = ReturnType<typeof parse>['values']

/** Runs one of the journal's commands and returns its exit code. */
export async function journalCommand(
  command: JournalCommand,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  try {
    const { values, positionals } = parse(args)
    if (values.help === true) {
      io.stdout.write(help)
      return 0
    }
    const store = storeOf(values)
    if (command === 'replay' && values.live === true) {
      await withRuns(store, (runs) => replayAgainst(runs, positionals, values, io))
      return 0
    }
    if (command === 'replay') {
      const [run, ...program] = positionals
      return await replayRun(needed(run, 'a run'), store, program)
    }
    await withRuns(store, (runs) => perform(command, runs, positionals, values, io))
    return 0
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    io.stderr.write(`holdfast ${command}: ${said}\n`)
    if (error instanceof HoldfastError) return 1
    io.stderr.write(`Try: holdfast ${command} --help\n`)
    return 2
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true })
}

async function perform(
  command: Exclude<JournalCommand, 'replay'>,
  runs: RunsApi,
  [first, second, third]: readonly string[],
  values: Values,
  { stdout, stderr }: CommandIo,
): Promise<void> {
  switch (command) {
    case 'runs':
      stdout.write(await listRuns(runs, values))
      break
    case 'show': {
      const prices = new Prices({ warn: () => {} })
      await prices.ready()
      stdout.write(
        await showRun(runs, needed(first, 'a run'), {
          content: values.content === true,
          cost: (record) =>
            record.costUsd ??
            prices.cost({ ...record, host: '', models: [record.model] }, record.usage ?? {}),
        }),
      )
      break
    }
    case 'resolve':
      await resolve(runs, needed(first, 'an effect'), second, third)
      stdout.write(`settled; run the run again\n`)
      break
    case 'prune': {
      const olderThanMs = readDuration(needed(values['older-than'], '--older-than'))
      const gone = await withProgress('runs forgotten:', stderr, (onProgress) =>
        runs.prune({ olderThanMs, unfinished: values.unfinished === true, onProgress }),
      )
      stdout.write(`${gone} runs forgotten\n`)
      break
    }
    case 'export': {
      const full = values.full === true
      const id = needed(first, 'a run')
      const text = await withProgress('export', stderr, async (onProgress) => {
        let lines = ''
        for await (const line of runs.export(id, { full, onProgress })) lines += line
        return lines
      })
      if (second === undefined) stdout.write(text)
      else writeFileSync(second, text, { mode: 0o600 })
      stderr.write(
        full
          ? 'it holds everything that was said: handle with care\n'
          : 'secrets and personal data that are known by their form are taken out; names and stories are not\n',
      )
      break
    }
    case 'rekey': {
      const count = await withProgress('runs given to the key:', stderr, (onProgress) =>
        runs.rekey({ onProgress }),
      )
      stdout.write(`${count} runs have the key now\n`)
      break
    }
    case 'import': {
      const text = readFileSync(needed(first, 'a file'), 'utf8')
      const id = await withProgress('import', stderr, (onProgress) =>
        runs.import(text, { id: values.as, onProgress }),
      )
      stdout.write(`run ${id}\n`)
      break
    }
  }
}

async function replayAgainst(
  runs: RunsApi,
  [run]: readonly string[],
  values: Values,
  { stdout, stderr }: CommandIo,
): Promise<void> {
  const { model, system, 'base-url': baseUrl } = values
  const options = {
    model,
    system: system === undefined ? undefined : readFileSync(system, 'utf8'),
    baseUrl,
    columns: process.stdout.columns ?? 120,
  }
  const id = needed(run, 'a run')
  await withProgress('asked', stderr, (onProgress, clear) =>
    replayLive(runs, id, { ...options, onProgress }, (text) => {
      clear()
      stdout.write(text)
    }),
  )
}

/** Shows how far a piece of work has come while it lasts. */
async function withProgress<T>(
  what: string,
  output: CommandOutput,
  work: (onProgress: Progress, clear: () => void) => Promise<T>,
): Promise<T> {
  const line = progressLine(what, output)
  try {
    return await work(line.tell, line.end)
  } finally {
    line.end()
  }
}

async function resolve(
  runs: RunsApi,
  effect: string,
  as: string | undefined,
  value: string | undefined,
): Promise<void> {
  switch (as) {
    case 'done':
      return runs.resolve(effect, {
        as,
        ...(value === undefined ? {} : { value: JSON.parse(value) as unknown }),
      })
    case 'again':
    case 'skip':
      return runs.resolve(effect, { as })
    default:
      throw new TypeError('say done, again or skip')
  }
}

function storeOf({ store: named }: Values): string {
  const store = named ?? (process.env['HOLDFAST_JOURNAL'] || usualPath)
  // Looking makes no file.
  if (!/^rediss?:/.test(store) && !existsSync(store)) {
    throw new HoldfastError('OPTIONS_INVALID', `there is no journal ${store}`)
  }
  return store
}

async function withRuns(store: string, work: (runs: RunsApi) => Promise<void>): Promise<void> {
  const encryption = namedKeys()
  const opened = journal({
    store: openJournalStore(store),
    keepMs: Infinity,
    ...(encryption === undefined ? {} : { encryption }),
    display,
  })
  try {
    await work(opened.runs)
  } finally {
    await opened.close()
  }
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new TypeError(`${what} is missing`)
  return value
}
