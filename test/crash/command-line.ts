import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Cell, Part } from './cell.ts'
import { dimensions } from './cell.ts'

/** What `pnpm crash` is asked to do. */
export interface CommandLine {
  readonly mode: 'journal' | 'peer' | 'bare' | 'faults'
  readonly kills: number
  readonly seed: number
  readonly part: Part
  readonly atOnce: number
  /** Where everything stays that was written; without it, it stays only where something was lost. */
  readonly keep: string | undefined
}

/** How it is called. */
export const usage = `pnpm crash [--peer | --bare | --faults] [--kills 1000] [--seed 1] [--only agent=langgraph,reply=stream,tools=three,store=redis] [--at-once 2] [--keep FOLDER]`

/** Reads the arguments; throws a TypeError that says what is allowed. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peer: { type: 'boolean' },
      bare: { type: 'boolean' },
      faults: { type: 'boolean' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string', multiple: true },
      'at-once': { type: 'string' },
      keep: { type: 'string' },
    },
  })
  const modes = (['peer', 'bare', 'faults'] as const).filter((mode) => values[mode] === true)
  if (modes.length > 1) throw new TypeError('--peer, --bare and --faults exclude each other')
  const mode = modes[0] ?? 'journal'
  return {
    mode,
    kills: wholeNumber('--kills', values.kills ?? (mode === 'peer' ? '250' : '1000')),
    seed: wholeNumber('--seed', values.seed ?? '1'),
    part: readOnly(values.only ?? []),
    atOnce: wholeNumber('--at-once', values['at-once'] ?? `${availableParallelism()}`),
    keep: values.keep,
  }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) {
    throw new TypeError(`${name} takes a whole number from 1, not "${text}"`)
  }
  return number
}

function readOnly(texts: readonly string[]): Part {
  const part: Record<string, string[]> = {}
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const [key = '', value = ''] = pair.split('=')
    if (!(key in dimensions)) {
      throw new TypeError(`--only takes ${Object.keys(dimensions).join('=, ')}=, not "${pair}"`)
    }
    const known: readonly string[] = dimensions[key as keyof Cell]
    if (!known.includes(value)) {
      throw new TypeError(`--only ${key}=${value}: ${key} is one of ${known.join(', ')}`)
    }
    const named = (part[key] ??= [])
    // Twice the same would be two runs of one name.
    if (!named.includes(value)) named.push(value)
  }
  return part
}
