import type { Cell } from './cell.ts'
import type { CellResult, ErrorFacts, UpstreamRequest } from './cell-result.ts'
import { clients } from './clients/index.ts'
import type { Expectation, Kind } from './expectations.ts'
import { expectationOf, kindOf } from './expectations.ts'

/** What can be wrong with a cell. */
export type Problem =
  /** The application got less than the whole answer and no error. */
  | 'silent'
  /** Still waiting for one request when it was given up. */
  | 'hang'
  /** Still trying again and again when it was given up. */
  | 'endless'
  /** More requests than configured. */
  | 'over-limit'
  /** A request before the provider said. */
  | 'too-early'
  /** Another number of requests than the table says. */
  | 'requests'
  /** Failed where the table says that it finishes. */
  | 'gave-up'
  /** Failed in another way than the table says. */
  | 'wrong-error'
  /** Not the SDK's own class for it. */
  | 'error-class'
  /** Ended as an abort that nobody asked for: SDKs swallow those. */
  | 'abort'
  /** Other bytes than the lab sent. */
  | 'bytes'
  /** Told other attempts than there were. */
  | 'attempts'
  /** Took longer than its deadline. */
  | 'late'

/** What is wrong with a cell, and how one sees it. */
export interface Finding {
  readonly problem: Problem
  readonly details: string
}

/** What a cell is measured by. */
export interface Limits {
  /** Requests upstream for one call. */
  readonly maxAttempts: number
  /** Longest duration of one call. */
  readonly totalMs: number
}

/** Compares a cell with the table; an empty list is what it should be. */
export function judge(
  cell: Cell,
  result: CellResult,
  wholeText: string,
  limits: Limits,
  /** The same cell without Holdfast, for the classes of errors and the bytes. */
  bare?: CellResult,
): readonly Finding[] {
  const expectation = expectationOf(cell)
  return [
    ...judgeRequests(cell, expectation, result, limits),
    ...judgeEnding(cell, expectation, result, wholeText, bare),
    ...judgeDuration(kindOf(cell.fault), result, limits),
    ...judgeBytes(result, bare),
  ]
}

function judgeDuration(
  { withinMs }: Kind,
  { ended, durationMs }: CellResult,
  { totalMs }: Limits,
): Finding[] {
  const mostMs = withinMs ?? totalMs + 1000
  if (ended === 'pending' || durationMs <= mostMs) return []
  return [found('late', `${Math.round(durationMs)} of ${mostMs} ms`)]
}

/** How many requests the table allows a cell, and whether they end well. */
function planned(cell: Cell, expectation: Expectation): { finishes: boolean; requests: number } {
  const { warm = false } = kindOf(cell.fault)
  const strikes = warm ? 1 : { once: 1, twice: 2, always: Number.POSITIVE_INFINITY }[cell.plan]
  const finishes = strikes <= expectation.retries || expectation.always.ends === 'finishes'
  const requests = Math.min(strikes, expectation.retries) + 1
  return { finishes, requests }
}

function judgeRequests(
  cell: Cell,
  expectation: Expectation,
  { requests, attempts, ended }: CellResult,
  { maxAttempts }: Limits,
): Finding[] {
  const findings: Finding[] = []
  const wanted = planned(cell, expectation).requests
  const { unseen = false } = kindOf(cell.fault)
  const seen = unseen ? attempts : requests.length
  if (seen !== undefined && seen > maxAttempts) {
    findings.push(found('over-limit', `${seen} requests, ${maxAttempts} are allowed`))
  } else if (seen !== undefined && seen !== wanted && ended !== 'pending') {
    findings.push(found('requests', `${seen} requests, the table says ${wanted}`))
  }
  if (attempts !== undefined && seen !== attempts) {
    findings.push(found('attempts', `told of ${attempts} attempts, ${seen} requests arrived`))
  }
  const { waitMs } = expectation
  for (const [index, request] of requests.entries()) {
    const waitedMs = gapMs(requests[index - 1], request)
    if (waitedMs !== undefined && waitedMs < waitMs) {
      findings.push(
        found('too-early', `request ${index + 1} after ${waitedMs.toFixed(1)} of ${waitMs} ms`),
      )
    }
  }
  return findings
}

function judgeEnding(
  cell: Cell,
  expectation: Expectation,
  result: CellResult,
  wholeText: string,
  bare: CellResult | undefined,
): Finding[] {
  const { ended, requests, text, toolCalls, finish, error } = result
  if (ended === 'pending') {
    const { unseen = false } = kindOf(cell.fault)
    const waits = !unseen && (requests.at(-1)?.outcome ?? 'pending') === 'pending'
    return [found(waits ? 'hang' : 'endless', `not over after ${Math.round(result.durationMs)} ms`)]
  }
  const { finishes } = planned(cell, expectation)
  const { always } = expectation
  if (always.ends === 'as-alone' && !finishes) return sameEnding(result, bare)
  // A good answer in a shape that the client alone cannot read either.
  const odd = expectation.row === 'good' && always.ends === 'finishes'
  if (odd && bare !== undefined && !isWhole(bare, wholeText)) {
    return sameEnding(result, bare)
  }

  if (ended === 'answered') {
    if (always.ends === 'said') {
      const says = finish !== undefined && !goodFinishes.has(finish)
      return says ? [] : [found('silent', `cut, but the finish reason is ${finish}`)]
    }
    if (text !== wholeText) {
      const size = `${text.length} of ${wholeText.length} characters`
      return [found('silent', `${size} and ${toolCalls.length} tool calls, without an error`)]
    }
    return finishes ? [] : [found('silent', 'finished where the table says that it fails')]
  }

  if (error === undefined) return []
  if (finishes) return [found('gave-up', error.message)]
  const aborts = error.chain.filter(({ name }) => /Abort/.test(name))
  if (aborts.length > 0) return [found('abort', error.message)]
  return judgeError(expectation, cell, error, result, bare)
}

function judgeError(
  { always }: Expectation,
  cell: Cell,
  error: ErrorFacts,
  { requests }: CellResult,
  bare: CellResult | undefined,
): Finding[] {
  const client = clients[cell.client]
  const alone = bare?.ended === 'failed' ? bare.error : undefined
  const chain = error.chain.map(({ name, code }) => (code === undefined ? name : `${name} ${code}`))
  const named = `${chain.join(' < ')}: ${error.message}`
  switch (always.ends) {
    case 'status': {
      const status = always.status ?? requests.at(-1)?.status
      // LangChain's Gemini model keeps the status in the message alone.
      const says = error.status === status || error.message.includes(String(status))
      return [
        ...(says ? [] : [found('wrong-error', `not status ${status}: ${named}`)]),
        ...((alone === undefined || always.status !== undefined) && status !== undefined
          ? hasClass(error, client.statusError(status, cell.wire))
          : sameClass(error, alone)),
      ]
    }
    case 'as-bare':
      return sameClass(error, alone)
    case 'lost': {
      const [top = ''] = error.classes
      const cause = alone?.chain.at(-1)
      const keeps =
        cause === undefined ||
        error.chain.some(({ name, code }) => name === cause.name && code === cause.code)
      return [
        ...(keeps ? [] : [found('wrong-error', `lost what broke it: ${named}`)]),
        ...(client.lostConnection.includes(top) ? [] : sameClass(error, alone)),
      ]
    }
    case 'code':
      return hasCode(error, always.codes) ||
        isTimeout(error, always.codes, cell) ||
        isUnsaid(error, cell)
        ? []
        : [found('wrong-error', named)]
    default:
      // A client may refuse the arguments of a cut tool call by itself: that is no tool call either.
      return kindOf(cell.fault).tools === true ? [] : [found('gave-up', named)]
  }
}

function isWhole({ ended, text }: CellResult, wholeText: string): boolean {
  return ended === 'answered' && text === wholeText
}

/** What was handed on as it came, the client takes as it does alone. */
function sameEnding(result: CellResult, alone: CellResult | undefined): Finding[] {
  if (alone === undefined || alone.ended === 'pending') return []
  const told = ({ ended, text, toolCalls, finish, error }: CellResult): string =>
    JSON.stringify([ended, text, toolCalls, finish, error?.classes])
  return told(result) === told(alone)
    ? []
    : [found('wrong-error', `${told(result)}, alone it is ${told(alone)}`)]
}

function sameClass(error: ErrorFacts, alone: ErrorFacts | undefined): Finding[] {
  if (alone === undefined) return []
  const wanted = alone.classes.join(' < ')
  const got = error.classes.join(' < ')
  return wanted === got ? [] : [found('error-class', `${got}, alone it is ${wanted}`)]
}

/** For clients that alone were still trying when they were given up: nothing is there to compare with. */
function hasClass({ classes, chain, instanceOf }: ErrorFacts, wanted: string): Finding[] {
  // The AI SDK puts the errors of all tries into one; its classes carry a prefix in their names.
  const below = chain.map(({ name }) => name.replace(/^AI_/, ''))
  return [...classes, ...instanceOf, ...below].includes(wanted)
    ? []
    : [found('error-class', `${classes.join(' < ')}, not ${wanted}`)]
}

function hasCode({ chain }: ErrorFacts, codes: readonly string[]): boolean {
  return codes.some((code) =>
    chain.some((each) => each.code === code || each.message.includes(`[${code}]`)),
  )
}

/** Some SDKs throw a timeout error of their own and drop what caused it. */
function isTimeout(error: ErrorFacts, codes: readonly string[], { client }: Cell): boolean {
  const names = [error.chain[0]?.name, error.classes[0]]
  return (
    codes.includes('CALL_TIMED_OUT') &&
    clients[client].timeout?.some((name) => names.includes(name)) === true
  )
}

/** Some SDKs say the same of every broken stream. */
function isUnsaid({ message }: ErrorFacts, { client, wire, stream }: Cell): boolean {
  const words = clients[client].saysOfBrokenStreams?.[wire]
  return stream && words !== undefined && message.includes(words)
}

/** The bytes that plain fetch got are the beginning of what the lab sent for that request. */
function judgeBytes(
  { body, requests, ended }: CellResult,
  bare: CellResult | undefined,
): Finding[] {
  const sent = bare?.sent?.[requests.length - 1]
  if (body === undefined || sent === undefined || ended === 'pending') return []
  const got = Buffer.from(body, 'base64')
  const original = Buffer.from(sent.base64, 'base64')
  const common = sent.whole ? got.length : Math.min(got.length, original.length)
  if (original.subarray(0, common).equals(got.subarray(0, common))) return []
  return [found('bytes', `${got.length} bytes are not the beginning of ${original.length}`)]
}

function gapMs(before: UpstreamRequest | undefined, after: UpstreamRequest): number | undefined {
  return before?.endedAtMs === undefined ? undefined : after.atMs - before.endedAtMs
}

function found(problem: Problem, details: string): Finding {
  return { problem, details: details.replace(/\s+/g, ' ').slice(0, 200) }
}

/** How providers, and the AI SDK, call the end of an answer that is all there. */
const goodFinishes = new Set(['stop', 'end_turn', 'STOP', 'completed', 'tool_calls', 'tool_use'])
