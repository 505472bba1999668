import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from './random.ts'

/** A log that somebody without its key, and without access to what was anchored, changes. */
export interface LogToChange {
  readonly folder: string
  readonly isSigned: boolean
}

/** Changes a log. Says in a few words what it did. */
export type Tampering = (log: LogToChange, random: Random) => string

/** Everything that is tried. */
export const tamperings: Readonly<Record<string, Tampering>> = {
  'edit a byte'({ folder }, random) {
    const path = oneFile(folder, random)
    const bytes = readFileSync(path)
    const at = random(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 + random(255))
    writeFileSync(path, bytes)
    return `byte ${at} of ${path}`
  },
  'edit a value, and its hash'({ folder }, random) {
    const { path, lines } = oneFileOfLines(folder, random)
    const at = random(lines.length)
    lines[at] = withHash((lines[at] ?? '').replace(/"at":"2/, '"at":"1'))
    writeLines(path, lines)
    return `line ${at + 1} of ${path}`
  },
  'edit a value, and all hashes after it'({ folder, isSigned }, random) {
    const segment = oneSegment(folder, random)
    const lines = segment.flatMap((path) => linesOf(path))
    const at = random(lines.length)
    lines[at] = (lines[at] ?? '').replace(/"at":"2/, '"at":"1')
    writeAnew(segment, chained(lines, isSigned && random(2) === 0))
    return `line ${at + 1} of ${segment[0]}`
  },
  'insert a row, and write all hashes after it'({ folder }, random) {
    const segment = oneSegment(folder, random)
    const lines = segment.flatMap((path) => linesOf(path))
    const at = 1 + random(lines.length)
    lines.splice(at, 0, lines[random(lines.length)] ?? '')
    const renumbered = lines.map((line, seq) => line.replace(/^\{"seq":\d+/, `{"seq":${seq}`))
    writeAnew(segment, chained(renumbered, false))
    return `line ${at + 1} of ${segment[0]}`
  },
  'delete a row'({ folder }, random) {
    const { path, lines } = oneFileOfLines(folder, random)
    const at = random(lines.length)
    lines.splice(at, 1)
    writeLines(path, lines)
    return `line ${at + 1} of ${path}`
  },
  'duplicate a row'({ folder }, random) {
    const { path, lines } = oneFileOfLines(folder, random)
    const at = random(lines.length)
    lines.splice(random(lines.length + 1), 0, lines[at] ?? '')
    writeLines(path, lines)
    return `line ${at + 1} of ${path}`
  },
  'swap two rows'({ folder }, random) {
    const segment = oneSegment(folder, random)
    const path = segment.find((one) => linesOf(one).length > 1) ?? ''
    const lines = linesOf(path)
    const at = random(lines.length - 1)
    lines.splice(at, 2, lines[at + 1] ?? '', lines[at] ?? '')
    writeLines(path, lines)
    return `lines ${at + 1} and ${at + 2} of ${path}`
  },
  'move a row to another file'({ folder }, random) {
    const from = oneFileOfLines(folder, random)
    const at = random(from.lines.length)
    const [row = ''] = from.lines.splice(at, 1)
    writeLines(from.path, from.lines)
    const to = oneFileOfLines(folder, random)
    to.lines.splice(to.path === from.path ? (at === 0 ? 1 : 0) : random(to.lines.length), 0, row)
    writeLines(to.path, to.lines)
    return `line ${at + 1} of ${from.path} to ${to.path}`
  },
  'insert bytes'({ folder }, random) {
    const path = oneFile(folder, random)
    const bytes = readFileSync(path)
    const at = random(bytes.length + 1)
    const inserted = Buffer.from(['\n', ' ', '{}\n', '{"seq":', '\0'][random(5)] ?? ' ')
    writeFileSync(path, Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]))
    return `at byte ${at} of ${path}`
  },
  'cut the tail'({ folder }, random) {
    const path = oneSegment(folder, random).at(-1) ?? ''
    const { length } = readFileSync(path)
    truncateSync(path, random(length))
    return path
  },
  'cut whole rows off the tail, and end it anew'({ folder }, random) {
    const segment = oneSegment(folder, random)
    const lines = segment.flatMap((path) => linesOf(path))
    const end = lines.at(-1) ?? ''
    const kept = lines.slice(0, 1 + random(lines.length - 2))
    writeAnew(segment, [
      ...kept,
      ...chained([end.replace(/^\{"seq":\d+/, `{"seq":${kept.length}`)], false, kept.at(-1)),
    ])
    return `${lines.length - kept.length} rows of ${segment[0]}`
  },
  'put an older copy in its place'({ folder }, random) {
    const segment = oneSegment(folder, random)
    const lines = segment.flatMap((path) => linesOf(path))
    writeAnew(segment, lines.slice(0, 1 + random(lines.length - 1)))
    return String(segment[0])
  },
  'take a file away'({ folder }, random) {
    const path = oneFile(folder, random)
    rmSync(path)
    return path
  },
  'take a segment away'({ folder }, random) {
    const segment = oneSegment(folder, random)
    for (const path of segment) rmSync(path)
    return String(segment[0])
  },
  'rename a segment'({ folder }, random) {
    const segment = oneSegment(folder, random)
    for (const path of segment) {
      writeFileSync(path.replace(/_\d+_/, '_77_'), readFileSync(path))
      rmSync(path)
    }
    return String(segment[0])
  },
  'add rows at the end'({ folder }, random) {
    const segment = oneSegment(folder, random)
    const lines = segment.flatMap((path) => linesOf(path))
    const more = (lines[1] ?? '').replace(/^\{"seq":\d+/, `{"seq":${lines.length}`)
    writeAnew(segment, [...lines, ...chained([more], false, lines.at(-1))])
    return String(segment[0])
  },
}

function files(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .map((name) => join(folder, name))
}

function oneFile(folder: string, random: Random): string {
  const all = files(folder)
  return all[random(all.length)] ?? ''
}

function oneFileOfLines(folder: string, random: Random): { path: string; lines: string[] } {
  const path = oneFile(folder, random)
  return { path, lines: linesOf(path) }
}

/** The parts of one segment, in order. */
function oneSegment(folder: string, random: Random): string[] {
  const segments = Map.groupBy(files(folder), (path) => path.replace(/\.\d{4}\.jsonl$/, ''))
  return [...segments.values()][random(segments.size)] ?? []
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n')
}

function writeLines(path: string, lines: readonly string[]): void {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
}

/** All rows in the first file, none in the others. */
function writeAnew([first = '', ...others]: readonly string[], lines: readonly string[]): void {
  writeLines(first, lines)
  for (const path of others) rmSync(path)
}

const ending = /(?:,"mac":"[\da-f]{64}")?,"hash":"([\da-f]{64})"\}$/

/** A row whose hash fits again: everybody can do that. */
function withHash(line: string): string {
  const text = line.replace(/,"hash":"[\da-f]{64}"\}$/, '')
  return `${text},"hash":"${sha256(text)}"}`
}

/** Rows that follow each other again. The macs stay, where they do not fit any more, or go. */
function chained(lines: readonly string[], keepMacs: boolean, before?: string): string[] {
  let previous = before === undefined ? undefined : ending.exec(before)?.[1]
  return lines.map((line) => {
    let text = line.replace(keepMacs ? /,"hash":"[\da-f]{64}"\}$/ : ending, '')
    if (previous !== undefined) {
      text = text.replace(/,"previous":"[\da-f]{64}"/, `,"previous":"${previous}"`)
    }
    previous = sha256(text)
    return `${text},"hash":"${previous}"}`
  })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
