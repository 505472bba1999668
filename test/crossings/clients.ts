import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent, request } from 'undici'
import type { Dispatcher } from 'undici'

/**
 * Sends a body to an address and calls `whenDone` from within the client's own callback, in whatever context that runs.
 * Where a promise is all that there is, it is called from what follows it.
 */
export type Client = (url: string, body: string, whenDone: (error?: unknown) => void) => void

const headers = { 'content-type': 'application/json', authorization: 'Bearer none' }

/** HTTP clients over few sockets that stay open, so that most requests go out on one that another run has opened. */
export function clients(): {
  readonly all: Readonly<Record<string, Client>>
  readonly close: () => void
} {
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 2 })
  const agent = new Agent({ connections: 2 })
  const all: Record<string, Client> = {
    fetch(url, body, whenDone) {
      fetch(url, { method: 'POST', headers, body })
        .then((response) => response.text())
        .then(() => whenDone(), whenDone)
    },
    'node:http'(url, body, whenDone) {
      const sent = httpRequest(url, { method: 'POST', headers, agent: httpAgent }, (response) => {
        response.resume()
        response.on('end', () => whenDone())
      })
      sent.on('error', whenDone)
      sent.end(body)
    },
    'undici request'(url, body, whenDone) {
      request(url, { method: 'POST', headers, body, dispatcher: agent })
        .then((response) => response.body.text())
        .then(() => whenDone(), whenDone)
    },
    'undici dispatch'(url, body, whenDone) {
      const { origin, pathname } = new URL(url)
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => whenDone(),
        onResponseError: (_, error) => whenDone(error),
      }
      agent.dispatch({ origin, path: pathname, method: 'POST', headers, body }, handler)
    },
  }
  return {
    all,
    close() {
      httpAgent.destroy()
      void agent.close()
    },
  }
}
