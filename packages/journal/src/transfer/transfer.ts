import { HoldfastError } from '@holdfast/core'
import type { JournalEntry, JournalRun, JournalRunFacts, JournalStore } from '@holdfast/core'
import { thisProcess } from '../owner.ts'
import type { Entries, EntryKind } from '../record/entries.ts'
import { entryText } from '../record/entry-text.ts'
import { readEntries } from '../record/read-entry.ts'
import { EarlierRequests } from '../request/earlier-requests.ts'
import { recordRequest, requestBodies } from '../request/recorded-request.ts'
import { bodyRedactor, redactedEntry, redactedText, redactedValue } from './redacted.ts'
import type { Redact } from './redacted.ts'

/** The first line of a file that holds a run. */
interface Head {
  readonly holdfastRun: 1
  /** False where what was said is redacted: such a run can be looked at, and not gone on with. */
  readonly content: boolean
  readonly run: JournalRunFacts & Pick<JournalRun, 'state' | 'createdAtMs'>
}

/** The other lines: entries in order, and blobs. */
type Line =
  | (Omit<JournalEntry, 'data' | 'payload'> & {
      readonly data: unknown
      readonly payload?: string
      /** What a reply says, for people; in place of its bytes. */
      readonly said?: string
    })
  | { readonly blob: string; readonly content: string }

/** How people see what was said. */
export interface Display {
  /** Makes ready what is needed, once. */
  load(): Promise<Redact>
  /** What a recorded reply says. */
  replyText(record: Entries['llm'], payload: Uint8Array): Promise<string>
}

/** How a run is exported. */
export interface ExportOptions {
  /** Everything as it was; without it, secrets and personal data are taken out. @default false */
  readonly full?: boolean
  /** Told after each line. */
  readonly onProgress?: Progress
}

/** Told how much of a long piece of work is done; `total` is undefined where nobody knows. */
export type Progress = (done: number, total?: number) => void

/**
 * A run as lines of JSON. Without `display`, what was said is left out unless `full` asks for it.
 */
export async function* exportRun(
  store: JournalStore,
  id: string,
  { full = false, onProgress }: ExportOptions,
  display: Display | undefined,
): AsyncGenerator<string> {
  const run = await store.find(id)
  if (run === undefined) throw new HoldfastError('OPTIONS_INVALID', `there is no run ${id}`)
  const { fence: _fence, owner: _owner, leaseUntilMs: _until, updatedAtMs: _at, ...facts } = run
  const { user: _user, ...nobody } = facts
  const redact = full ? undefined : ((await display?.load()) ?? hide)
  yield line({
    holdfastRun: 1,
    content: full,
    run: redact === undefined ? facts : { ...redactedValue(nobody, redact), id },
  })
  const entries = readEntries(await store.read(id))
  const blobOf = (hash: string) => store.blob(id, hash)
  const requests =
    redact === undefined ? undefined : redactedRequests(requestBodies(entries, blobOf), redact)
  const blobs = new Set<string>()
  for (const [index, { seq, kind, atMs, data, payload }] of entries.entries()) {
    const written = { seq, kind, atMs }
    if (redact === undefined) {
      if (kind === 'llm') for (const hash of blobsOf(data)) blobs.add(hash)
      yield line({
        ...written,
        data,
        ...(payload === undefined ? {} : { payload: Buffer.from(payload).toString('base64') }),
      })
    } else if (kind === 'llm') {
      const { request, blobs: added = [] } = (await requests?.next())?.value ?? {}
      for (const { hash, content } of added) yield line({ blob: hash, content: String(content) })
      const { request: _request, ...record } = data
      const said =
        payload !== undefined && display !== undefined
          ? { said: redactedText(await display.replyText(data, payload), redact) }
          : {}
      yield line({ ...written, data: { ...redactedValue(record, redact), request }, ...said })
    } else {
      yield line({ ...written, data: redactedEntry(kind, data, redact) })
    }
    onProgress?.(index + 1, entries.length)
  }
  for (const hash of blobs) {
    const content = await blobOf(hash)
    if (content !== undefined) yield line({ blob: hash, content: String(content) })
  }
}

/** What is to be written of a run's requests, in order, without what not everybody may see. */
async function* redactedRequests(
  requests: ReturnType<typeof requestBodies>,
  redact: Redact,
): AsyncGenerator<ReturnType<typeof recordRequest>> {
  const redacted = bodyRedactor(redact)
  const earlier = new EarlierRequests()
  const known = new Set<string>()
  for await (const { entry, body = '"[missing]"' } of requests) {
    const text = redacted(body)
    const common = earlier.inCommon(text)
    const recorded = recordRequest(text, common, known)
    for (const { hash } of recorded.blobs) known.add(hash)
    earlier.add(entry.seq, text, common)
    yield recorded
  }
}

/** Where nobody can tell what may be seen: the texts of people and tools are not. */
function hide(text: string): string {
  return text.length === 0 ? text : '[left out]'
}

/** How a run is imported. */
export interface ImportOptions {
  /** @default the id that it had */
  readonly id?: string | undefined
  readonly onProgress?: Progress | undefined
}

/**
 * Puts a run that was exported into a journal, under its id or another one. Answers the id.
 * @throws HoldfastError OPTIONS_INVALID where the file is none of these, or there is such a run already
 */
export async function importRun(
  store: JournalStore,
  text: string,
  { id: asId, onProgress }: ImportOptions = {},
): Promise<string> {
  const [first = '', ...rest] = text.split('\n').filter((one) => one !== '')
  const head = parsed(first) as Head | undefined
  if (head?.holdfastRun !== 1) {
    throw new HoldfastError('OPTIONS_INVALID', 'this is no file that holdfast export has written')
  }
  const { state, createdAtMs: _, ...facts } = head.run
  const id = asId ?? facts.id
  if ((await store.find(id)) !== undefined) {
    throw new HoldfastError('OPTIONS_INVALID', `there is a run ${id} already; name another id`)
  }
  const answer = await store.acquire({
    facts: { ...facts, id },
    owner: thisProcess,
    ttlMs: 60_000,
  })
  if (!answer.taken) throw new HoldfastError('RUN_HELD', `another process works on run ${id}`)
  const { lease } = answer
  let seqs = 0
  for (const [index, lineText] of rest.entries()) {
    const one = parsed(lineText) as Line
    if ('blob' in one) {
      await store.append(lease, [], [{ hash: one.blob, content: one.content }])
    } else {
      const { payload, said, data, ...entry } = one
      seqs = Math.max(seqs, entry.seq + 1)
      const bytes =
        payload === undefined ? said && Buffer.from(said) : Buffer.from(payload, 'base64')
      await store.append(lease, [
        {
          ...entry,
          data: entryText(entry.kind as EntryKind, data as Entries[EntryKind]),
          ...(bytes instanceof Uint8Array ? { payload: bytes } : {}),
        },
      ])
    }
    onProgress?.(index + 1, rest.length)
  }
  if (!head.content) {
    const data = entryText('redacted', {})
    await store.append(lease, [{ seq: seqs, kind: 'redacted', atMs: Date.now(), data }])
  }
  await store.update(lease, { state: state === 'running' ? 'failed' : state, release: true })
  return id
}

function blobsOf({ request }: Entries['llm']): string[] {
  return request.pieces.flatMap((piece) => (typeof piece === 'object' ? [piece.blob] : []))
}

function line(value: Head | Line): string {
  return `${JSON.stringify(value)}\n`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
