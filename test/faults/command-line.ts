import { parseArgs } from 'node:util'
import type { Part } from './cell.ts'
import { clients } from './clients/index.ts'
import { models } from './clients/client.ts'
import { expectations } from './expectations.ts'

/** What `pnpm faults` is asked to do. */
export interface CommandLine {
  readonly part: Part
  readonly bare: boolean
  readonly with: boolean
  readonly json: string | undefined
  readonly atOnce: number
  /** Only write docs/faults.md from the table. */
  readonly writePage: boolean
}

/** How it is called. */
export const usage = `pnpm faults [--only wire=gemini,client=genai,fault=overloaded] [--bare | --with] [--json FILE] [--at-once 96] [--write-page]`

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
    },
  })
  const atOnce = Number(values['at-once'] ?? 96)
  if (!Number.isInteger(atOnce) || atOnce < 1) {
    throw new TypeError(`--at-once takes a whole number from 1, not "${values['at-once']}"`)
  }
  const onlyOne = values.bare === true || values.with === true
  return {
    part: readOnly(values.only ?? []),
    bare: values.bare === true || !onlyOne,
    with: values.with === true || !onlyOne,
    json: values.json,
    atOnce,
    writePage: values['write-page'] === true,
  }
}

function readOnly(texts: readonly string[]): Part {
  const known = {
    wire: Object.keys(models),
    client: Object.keys(clients),
    fault: expectations.map(({ fault }): string => fault),
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
