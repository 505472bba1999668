import type {
  Failure,
  LlmRequest,
  ReplyEvent,
  ReplyFacts,
  ReplyReader,
  WireFormat,
} from '@holdfast/core'

/** The smallest honest provider format: a request is an LlmRequest as JSON, a reply is its events, one per line. */
export const plainFormat: WireFormat = {
  name: 'plain',
  recognise: () => undefined,
  readRequest(http) {
    const body = typeof http.body === 'string' ? http.body : new TextDecoder().decode(http.body)
    return JSON.parse(body) as LlmRequest
  },
  writeRequest: (request, http) => ({ ...http, body: JSON.stringify(request) }),
  retarget: (http, target) => ({ ...http, url: target.baseUrl ?? http.url }),
  replyReader: plainReader,
  readFailure: (status, _headers, body): Failure => ({
    status,
    ...(JSON.parse(new TextDecoder().decode(body)) as { message: string; code?: string }),
  }),
}

function plainReader(_facts: ReplyFacts): ReplyReader {
  const decoder = new TextDecoder()
  let rest = ''
  let complete = false
  return {
    push(bytes) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      const events = lines.map((line) => JSON.parse(line) as ReplyEvent)
      complete ||= events.some(({ type }) => type === 'finish')
      return events
    },
    end: () => [],
    get complete() {
      return complete
    },
    problem: undefined,
  }
}
