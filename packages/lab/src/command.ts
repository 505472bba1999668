import { parseArgs } from 'node:util'

import { badDay } from './bad-day.ts'
import { checkFaultName } from './check.ts'
import type { FaultListing, FaultName } from './faults/catalogue.ts'
import { faults } from './faults/catalogue.ts'
import type { Lab } from './lab.ts'
import { startLab } from './lab.ts'
import type { LabRequest, WireName } from './request.ts'

/** Where a command writes to. */
export interface CommandOutput {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

/** What a command runs in. */
export interface CommandIo {
  readonly stdout: CommandOutput
  readonly stderr: CommandOutput
  /** Ends the command as Ctrl-C does. */
  readonly signal?: AbortSignal
}

const help = `Starts a provider simulator on this machine and lets it have a bad day.

Usage: holdfast lab [options]

  --port <number>     where it listens                  (default: any free port)
  --seed <number>     which bad day; same seed, same faults         (default: 1)
  --rate <0..1>       share of calls that meet a fault            (default: 0.3)
  --fault <names>     only these faults, separated by commas    (default: a mix)
  --list              show all faults
  --help              show this

Point an agent at it by one of the base URLs that it prints. It speaks OpenAI
Chat and Responses, Anthropic Messages, Gemini, Bedrock Converse and invoke,
Cohere v2 and Ollama, whole and streamed; any API key will do. At most two
calls in a row meet a fault, unless the rate is 1.
`

/** The command `holdfast lab`: runs until Ctrl-C, prints one line per request, resolves with an exit code. */
export async function labCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const paint = painter(io.stdout)
  let options: Options
  try {
    options = parse(args)
  } catch (error) {
    io.stderr.write(`holdfast lab: ${error instanceof Error ? error.message : String(error)}\n`)
    io.stderr.write('Try: holdfast lab --help\n')
    return 2
  }
  if (options.help) {
    io.stdout.write(help)
    return 0
  }
  if (options.list) {
    io.stdout.write(catalogue(paint))
    return 0
  }

  const { seed, rate, port, names } = options
  const counts = { requests: 0, spoiled: 0, left: 0 }
  let lab: Lab
  try {
    lab = await startLab({
      seed,
      port,
      script: badDay(seed, {
        rate,
        ...(rate === 1 ? { maxInARow: Number.POSITIVE_INFINITY } : {}),
        ...(names === undefined ? {} : { faults: names }),
      }),
      keepRequests: 100,
      onRequest: (request, phase) => {
        if (phase === 'arrived') return
        counts.requests += 1
        if (request.fault !== undefined) counts.spoiled += 1
        if (request.outcome === 'aborted-by-client') counts.left += 1
        io.stdout.write(line(request, paint))
      },
    })
  } catch (error) {
    io.stderr.write(`holdfast lab: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
  io.stdout.write(banner(lab, options, paint))
  await interrupted(io.signal)
  await lab.close()
  const { requests, spoiled, left } = counts
  const total = paint('bold', `${requests} requests`)
  io.stdout.write(`\n  ${total}, ${spoiled} met a fault, ${left} given up by the client\n`)
  return 0
}

interface Options {
  readonly help: boolean
  readonly list: boolean
  readonly port: number
  readonly seed: number
  readonly rate: number
  readonly names: readonly FaultName[] | undefined
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '0.3' },
      fault: { type: 'string', multiple: true },
    },
  })
  const names = values.fault
    ?.flatMap((list) => list.split(','))
    .map((name) => checkFaultName(name.trim(), '--fault'))
  return {
    help: values.help,
    list: values.list,
    port: wholeNumber('--port', values.port, 65_535),
    seed: wholeNumber('--seed', values.seed, 2 ** 31 - 1),
    rate: share('--rate', values.rate),
    names,
  }
}

function wholeNumber(option: string, text: string, max: number): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= 0 && number <= max) return number
  throw new TypeError(`${option} must be a whole number from 0 to ${max}, not "${text}"`)
}

function share(option: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && number >= 0 && number <= 1) return number
  throw new TypeError(`${option} must be a number from 0 to 1, not "${text}"`)
}

async function interrupted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) stop()
  })
}

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'
type Paint = (colour: Colour, text: string) => string

function painter(output: CommandOutput): Paint {
  const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 }
  // https://no-color.org (2026-11-21)
  if (output.isTTY !== true || process.env['NO_COLOR']) return (_, text) => text
  return (colour, text) => `\u001B[${codes[colour]}m${text}\u001B[0m`
}

function banner({ baseUrls }: Lab, { seed, rate, names }: Options, paint: Paint): string {
  const what =
    rate === 0
      ? 'nothing goes wrong'
      : `${Math.round(rate * 100)} % of calls meet ${names === undefined ? 'a fault' : 'one of these'}`
  const rows = [
    ['OpenAI', baseUrls.openai, 'OPENAI_BASE_URL'],
    ['Anthropic', baseUrls.anthropic, 'ANTHROPIC_BASE_URL'],
    ['Gemini', baseUrls.gemini, 'GOOGLE_GEMINI_BASE_URL'],
    ['Bedrock', baseUrls.bedrock, 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME'],
    ['Cohere', baseUrls.cohere, 'baseUrl'],
    ['Ollama', baseUrls.ollama, 'host'],
  ] as const
  const urls = rows.map(
    ([name, url, variable]) =>
      `  ${name.padEnd(11)}${paint('cyan', url.padEnd(32))}${paint('dim', variable)}\n`,
  )
  const listed = names === undefined ? '' : wrapped(names.join(', '), 76).map(indented).join('')
  const columns = ['time', 'wire', 'model', 'fault', 'result']
  return [
    `\n  ${paint('bold', 'holdfast lab')}${paint('dim', `  seed ${seed}, ${what}; Ctrl-C ends it`)}\n`,
    listed,
    '\n',
    ...urls,
    `\n${paint('dim', cells(columns))}\n`,
  ].join('')
}

const shortNames: Readonly<Record<WireName, string>> = {
  'openai-chat': 'chat',
  'openai-responses': 'responses',
  'anthropic-messages': 'messages',
  gemini: 'gemini',
  'bedrock-converse': 'converse',
  'bedrock-anthropic': 'invoke',
  'cohere-chat': 'cohere',
  'ollama-chat': 'ollama',
  other: 'other',
}

function line(request: LabRequest, paint: Paint): string {
  const { wire, streaming, model, fault, outcome, status = 0, atMs, endedAtMs = atMs } = request
  const time = new Date().toTimeString().slice(0, 8)
  const took = duration(endedAtMs - atMs)
  const result = `${outcome === 'answered' ? status : outcome === 'cut-by-lab' ? 'cut' : 'left'}`
  const good = outcome === 'answered' && status < 400
  const colour = !good ? 'red' : fault === undefined ? 'green' : 'yellow'
  const name = `${shortNames[wire]}${streaming ? ' ~' : ''}`
  const [left, right] = [
    cells([time, name, wire === 'other' ? request.path : model, fault ?? '-', '']).trimEnd(),
    `${result.padEnd(5)}${took}`,
  ]
  return `${left.padEnd(resultAt)}${paint(colour, right)}\n`
}

const widths = [8, 11, 15, 26]
const resultAt = 2 + widths.reduce((sum, width) => sum + width + 1, 0)

function cells(columns: readonly string[]): string {
  const padded = columns.map((text, index) => {
    const width = widths[index]
    return width === undefined ? text : clipped(text, width).padEnd(width)
  })
  return `  ${padded.join(' ')}`
}

function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function catalogue(paint: Paint): string {
  const phases: Readonly<Record<FaultListing['phase'], string>> = {
    'before-headers': 'Before the headers',
    status: 'An error status',
    body: 'A broken body',
    content: 'A whole answer that says something wrong',
    stream: 'A stream that goes wrong',
    framing: 'Odd framing',
  }
  const sections = Object.entries(phases).map(([phase, title]) => {
    const rows = faults.filter((fault) => fault.phase === phase)
    return `\n${paint('bold', title)}\n${rows.map((row) => listing(row, paint)).join('')}`
  })
  return `${sections.join('')}\n${faults.length} faults. ~ means streams only, = whole answers only.\n`
}

function listing({ name, title, on }: FaultListing, paint: Paint): string {
  const mark = on === 'streamed' ? '~' : on === 'whole' ? '=' : ' '
  const [first = '', ...more] = wrapped(title, 47)
  const rest = more.map((text) => `${' '.repeat(31)}${text}\n`).join('')
  return `  ${paint('cyan', name.padEnd(27))}${paint('dim', mark)} ${first}\n${rest}`
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines
}

function indented(text: string): string {
  return `  ${text}\n`
}
