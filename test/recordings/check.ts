import { type Answer, difference } from './answer.ts'
import { type Exception, exceptionFor } from './exceptions.ts'
import type { Exchange } from './load.ts'
import { cut, randomFrom, seedOf } from './random.ts'
import { readAnswer, type Reading } from './read.ts'
import { checkRequest, checkWriting } from './rewrite.ts'
import { askSdk, type SdkAnswer } from './sdk.ts'
import type { RecordingServer } from './serve.ts'

/** What came of one recorded answer; every text says what is wrong. */
export interface Finding {
  readonly exchange: Exchange
  /** An answer, or the provider's own error. */
  readonly kind: 'whole' | 'streamed' | 'error'
  readonly unread: string | undefined
  readonly unequal: string | undefined
  readonly identical: boolean
  /** What is wrong with the request, read and written again. */
  readonly request: string | undefined
  /** What is wrong with the answer, written again and read by the SDK. */
  readonly written: string | undefined
  readonly exception: Exception | undefined
}

/** Holds one recorded answer against the provider's own SDK: in one piece, and cut twice at random. */
export async function checkExchange(
  exchange: Exchange,
  server: RecordingServer,
  seed: number,
): Promise<Finding> {
  const exception = exceptionFor(exchange.file)
  const theirs = await askSdk(exchange, server.baseUrl(servedFor(exchange, exception)))
  const random = randomFrom(seedOf(exchange.file) ^ seed)
  const readings = [
    await readAnswer(exchange, [exchange.body]),
    await readAnswer(exchange, cut(exchange.body, random)),
    await readAnswer(exchange, cut(exchange.body, random)),
  ]
  const first = (look: (reading: Reading) => string | undefined): string | undefined =>
    readings.map(look).find((text) => text !== undefined)
  return {
    exchange,
    kind: exchange.status >= 400 ? 'error' : exchange.streaming ? 'streamed' : 'whole',
    unread: first((reading) => unreadOf(exchange, reading, exception)),
    unequal: first((reading) => unequalOf(exchange, reading, theirs, exception)),
    identical: readings.every((reading) => reading.identical),
    request: checkRequest(exchange),
    written: await checkWriting(exchange, server),
    exception,
  }
}

function servedFor(exchange: Exchange, exception: Exception | undefined): Exchange {
  if (exception?.repair === undefined) return exchange
  const repaired = exception.repair(Buffer.from(exchange.body).toString('utf8'))
  const headers = { ...exchange.headers, 'content-type': 'text/event-stream' }
  return { ...exchange, headers, body: Buffer.from(repaired) }
}

function unreadOf(
  exchange: Exchange,
  reading: Reading,
  exception: Exception | undefined,
): string | undefined {
  if (exchange.status >= 400) {
    if (reading.failure?.status !== exchange.status) return 'the failure has another status'
    return /^[<{[]|without a message$/.test(reading.failure.message) || !reading.failure.message
      ? `no message in the failure: ${reading.failure.message}`
      : undefined
  }
  if (reading.problem !== exception?.problem) return `problem: ${reading.problem ?? 'none'}`
  if (reading.problem !== undefined || reading.failure !== undefined) return undefined
  return reading.complete ? undefined : 'incomplete'
}

function unequalOf(
  exchange: Exchange,
  reading: Reading,
  theirs: SdkAnswer,
  exception: Exception | undefined,
): string | undefined {
  if (exception?.problem !== undefined || exception?.measure === 'nothing') return undefined
  if (reading.failure !== undefined) return unequalFailure(exchange, reading, theirs)
  if (exception?.measure === 'joined') {
    const joined = 'joined' in theirs ? theirs.joined : undefined
    return joined ? difference(reading.answer, joined) : 'the SDK handed over nothing to join'
  }
  if ('failed' in theirs) return `the SDK failed: ${theirs.failed.message}`
  return exception?.measure === 'no-arguments'
    ? difference(withoutArguments(reading.answer), withoutArguments(theirs.answer))
    : difference(reading.answer, theirs.answer)
}

/** A provider's error has to be one for its SDK too; what it had said until then is the same. */
function unequalFailure(
  exchange: Exchange,
  reading: Reading,
  theirs: SdkAnswer,
): string | undefined {
  if (!('failed' in theirs)) return 'the SDK sees no failure'
  if (exchange.status >= 400) {
    const { status } = theirs.failed as { status?: number }
    return status === exchange.status ? undefined : `the SDK has the status ${status}`
  }
  // The chunk that holds the error may count tokens too; the SDK does not hand it over.
  const { joined } = theirs
  return joined && difference({ ...reading.answer, usage: joined.usage }, joined)
}

function withoutArguments(answer: Answer): Answer {
  return {
    ...answer,
    choices: answer.choices.map((choice) => ({
      ...choice,
      toolCalls: choice.toolCalls.map((call) => ({ ...call, arguments: '' })),
    })),
  }
}
