import { undiciMajor } from './plain-process.ts'

/** When things happened to a call, by the clock of `performance.now()`. */
export interface Times {
  readonly started: number
  readonly sent: number
  readonly answered: number
}

/** Enters a call into the process's resource timings, as fetch does when an answer is over. */
export function markResource(
  url: string,
  { started, sent, answered }: Times,
  { status, bytes }: { readonly status: number; readonly bytes: number },
): void {
  const timing = {
    startTime: started,
    redirectStartTime: 0,
    redirectEndTime: 0,
    postRedirectStartTime: started,
    finalServiceWorkerStartTime: 0,
    finalNetworkRequestStartTime: sent,
    finalNetworkResponseStartTime: answered,
    endTime: performance.now(),
    encodedBodySize: bytes,
    decodedBodySize: bytes,
    finalConnectionTimingInfo: {
      domainLookupStartTime: started,
      domainLookupEndTime: started,
      connectionStartTime: started,
      connectionEndTime: started,
      secureConnectionStartTime: started,
      ALPNNegotiatedProtocol: undefined,
    },
  }
  const told = undiciMajor >= 7 ? status : undefined
  markResourceTiming?.(timing, url, 'fetch', globalThis, '', '', told)
}

// Public; the type definitions know other parameters.
const markResourceTiming = (
  performance as unknown as { markResourceTiming?: (...args: unknown[]) => void }
).markResourceTiming?.bind(performance)
