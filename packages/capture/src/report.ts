import type { HttpLayer } from '@holdfast/core'

/** What was caught, and what went by. */
export interface CaptureReport {
  readonly layers: readonly LayerReport[]
  /** Exchanges that a handler would have claimed but that no layer could catch. */
  readonly passing: readonly PassingReport[]
}

/** What happened in one of the process's HTTP stacks. */
export interface LayerReport {
  readonly layer: HttpLayer
  /** What stands under capture, for instance `globalThis.fetch` or `undici 7`; empty when nothing does. */
  readonly holds: readonly string[]
  /** Exchanges given to a handler. */
  readonly caught: number
}

/** A URL, without query, that model calls went to uncaught. */
export interface PassingReport {
  readonly layer: HttpLayer
  readonly url: string
  readonly count: number
}

/** Where the layers write down what they do. */
export interface ReportBook {
  readonly caught: Record<HttpLayer, number>
  readonly holds: Record<HttpLayer, Set<string>>
  passing(layer: HttpLayer, url: string): void
  /** Forgets what happened. */
  clear(): void
  report(): CaptureReport
}

// A program that puts ids into paths must not fill memory through the report.
const maxPassingUrls = 100

/** An empty book. */
export function createReport(): ReportBook {
  const layers: readonly HttpLayer[] = ['fetch', 'undici', 'http', 'http2']
  const caught: Record<HttpLayer, number> = { fetch: 0, undici: 0, http: 0, http2: 0 }
  const holds: Record<HttpLayer, Set<string>> = {
    fetch: new Set(),
    undici: new Set(),
    http: new Set(),
    http2: new Set(),
  }
  const passing = new Map<string, { layer: HttpLayer; url: string; count: number }>()
  return {
    caught,
    holds,
    passing(layer, url) {
      const key = `${layer} ${url}`
      const before = passing.get(key)
      if (before !== undefined) before.count++
      else if (passing.size < maxPassingUrls) passing.set(key, { layer, url, count: 1 })
    },
    clear() {
      for (const layer of layers) caught[layer] = 0
      passing.clear()
    },
    report: () => ({
      layers: layers.map((layer) => ({ layer, holds: [...holds[layer]], caught: caught[layer] })),
      passing: [...passing.values()].map((seen) => ({ ...seen })),
    }),
  }
}
