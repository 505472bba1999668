import { parseArgs } from 'node:util'
import type { Part } from './cell.ts'
import { clients } from './clients/index.ts'
import { models } from './clients/client.ts'
import { kinds } from './expectations.ts'

/** What `pnpm faults` is asked to do. */
export interface CommandLine {
  readonly part: Part
  readonly bare: boolean
  readonly with: boolean
  readonly json: string | undefined
  readonly atOnce: number
  /** Only write docs/faults.md from the table. */
  readonly writePage: boolean
  /** Instead of the matrix: so many sequences of random faults, from this seed on. */
  readonly random: { readonly count: number; readonly firstSeed: number } | undefined
}

/** How it is called. */
export const usage = `pnpm faults [--only wire=gemini,client=genai,fault=overloaded] [--bare | --with] [--json FILE] [--at-once 96] [--write-page]
pnpm faults --random 2000 [--seed 1]     sequences of random faults
pnpm faults --seed 17                    one of them again`

/** Reads the arguments; throws a TypeError that says what is allowed. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      bare: { type: 'boolean' },
      with: { type: 'boolean' },
      json: { type: 'string' },
      'at-once': { type: 'string' },
      'write-page': { type: 'boolean' },
      random: { type: 'string' },
      seed: { type: 'string' },
    },
  })
  const { random, seed } = values
  const sequences = random === undefined && seed === undefined ? undefined : (random ?? '1')
  const onlyOne = values.bare === true || values.with === true
  return {
    part: readOnly(values.only ?? []),
    bare: values.bare === true || !onlyOne,
    with: values.with === true || !onlyOne,
    json: values.json,
    atOnce: wholeNumber('at-once', values['at-once'] ?? '96'),
    writePage: values['write-page'] === true,
    random:
      sequences === undefined
        ? undefined
        : { count: wholeNumber('random', sequences), firstSeed: wholeNumber('seed', seed ?? '1') },
  }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) {
    throw new TypeError(`--${name} takes a whole number from 1, not "${text}"`)
  }
  return number
}

function readOnly(texts: readonly string[]): Part {
  const known = {
    wire: Object.keys(models),
    client: Object.keys(clients),
    fault: kinds.map(({ fault }): string => fault),
  }
  const wanted = { wire: [] as string[], client: [] as string[], fault: [] as string[] }
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const [key = '', value = ''] = pair.split('=')
    if (key !== 'wire' && key !== 'client' && key !== 'fault') {
      throw new TypeError(`--only takes wire=, client= and fault=, not "${pair}"`)
    }
    if (!known[key].includes(value)) {
      throw new TypeError(`--only ${key}=${value}: ${key} is one of ${known[key].join(', ')}`)
    }
    wanted[key].push(value)
  }
  return { wires: wanted.wire, clients: wanted.client, faults: wanted.fault }
}
