import type { TracerProvider } from '@opentelemetry/api'

type Flush = (...args: unknown[]) => Promise<void>

/**
 * Has `flush` done before the provider flushes or shuts down: an application that ends with `sdk.shutdown()` right
 * after its last call gets that call's span too. Returns what undoes it.
 */
export function flushWithProvider(
  provider: TracerProvider,
  flush: () => Promise<void>,
): () => void {
  const undo = [wrap(provider, 'forceFlush', flush), wrap(provider, 'shutdown', flush)]
  return () => {
    for (const step of undo) step()
  }
}

function wrap(
  provider: TracerProvider & { forceFlush?: Flush; shutdown?: Flush },
  method: 'forceFlush' | 'shutdown',
  flush: () => Promise<void>,
): () => void {
  const original = provider[method]
  if (typeof original !== 'function' || !Object.isExtensible(provider)) return () => {}
  const own = Object.hasOwn(provider, method)
  const flushFirst: Flush = async (...args) => {
    await flush()
    await original.apply(provider, args)
  }
  provider[method] = flushFirst
  return () => {
    if (provider[method] !== flushFirst) return
    if (own) provider[method] = original
    else delete provider[method]
  }
}
