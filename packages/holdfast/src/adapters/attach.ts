import { findPackageJSON } from 'node:module'
import type { Adapter, AdapterHost, AdapterTarget, RunHint } from './adapter.ts'
import { knownAdapters } from './known-adapters.ts'
import type { KnownAdapter } from './known-adapters.ts'
import {
  appRoots,
  importFromApp,
  loadedCommonJs,
  requiredExports,
  watchModules,
} from './loaded-modules.ts'

/** What became of one framework's adapter. */
export interface AdapterReport {
  readonly adapter: string
  /** Modules that are attached to, one entry per loaded copy. */
  readonly attached: readonly string[]
  /** What could not be attached to, and why. */
  readonly failed: readonly { readonly module: string; readonly why: string }[]
}

export interface AttachedAdapters {
  /** The framework's ids for the code running now, from the first adapter that knows any. */
  identify(): RunHint | undefined
  /** Looks once more for frameworks that were loaded before Holdfast; for the first model call, which shows that they are. */
  settle(): void
  report(): readonly AdapterReport[]
  release(): void
}

export interface AttachOptions {
  readonly host: AdapterHost
  /** Adapters the application brings itself, beside the known ones. */
  readonly own: readonly Adapter[]
  /** Known adapters that stay off, by short name (`langgraph`). */
  readonly without: readonly string[]
}

/** Attaches to every framework that the process has loaded or will load, ESM and CommonJS copies alike. */
export function attachAdapters({ host, own, without }: AttachOptions): AttachedAdapters {
  const active: Attachment[] = own.map((adapter) => new Attachment(adapter, host))
  const waiting = new Set(
    knownAdapters.filter(({ adapter }) => !without.includes(shortName(adapter))),
  )
  const failedToLoad: AdapterReport[] = []

  const load = async (known: KnownAdapter): Promise<void> => {
    waiting.delete(known)
    try {
      const { adapter } = (await import(known.adapter)) as { adapter: Adapter }
      const attachment = new Attachment(adapter, host)
      active.push(attachment)
      await attachment.sweep(settled)
    } catch (error) {
      failedToLoad.push({
        adapter: shortName(known.adapter),
        attached: [],
        failed: [{ module: known.adapter, why: messageOf(error) }],
      })
    }
  }

  const watch = watchModules((url) => {
    for (const attachment of active) attachment.seen(url)
    for (const known of waiting) {
      if (known.packages.some((name) => url.includes(`/node_modules/${name}/`))) void load(known)
    }
  })

  let settled = false
  const lookAround = (): void => {
    for (const attachment of active) void attachment.sweep(settled)
    for (const known of waiting) if (known.packages.some(isInstalled)) void load(known)
  }
  // In an ESM application everything is imported before the first line runs, so look around at once.
  queueMicrotask(lookAround)

  return {
    identify() {
      for (const { adapter } of active) {
        const hint = adapter.identify?.()
        if (hint !== undefined) return hint
      }
      return undefined
    },
    settle() {
      if (settled) return
      settled = true
      lookAround()
    },
    report: () => [...active.map((attachment) => attachment.report()), ...failedToLoad],
    release: () => watch.stop(),
  }
}

/** One adapter and the copies of its framework's modules that it is attached to. */
class Attachment {
  readonly adapter: Adapter
  readonly #host: AdapterHost
  readonly #attached = new Set<string>()
  readonly #failed = new Map<string, string>()

  constructor(adapter: Adapter, host: AdapterHost) {
    this.adapter = adapter
    this.#host = host
  }

  /** A module file was resolved; once it is loaded, attach. */
  seen(url: string): void {
    const target = this.adapter.targets.find(({ file }) => file.test(url))
    if (target !== undefined && !this.#attached.has(url)) void this.#whenLoaded(target, url)
  }

  /** Attaches to copies that were loaded earlier. Where nobody can tell whether there are any, only `thorough` looks. */
  async sweep(thorough: boolean): Promise<void> {
    for (const [url, exports] of loadedCommonJs()) {
      const target = this.adapter.targets.find(({ file }) => file.test(url))
      if (target !== undefined) this.#attach(target, url, exports)
    }
    for (const target of this.adapter.targets) {
      try {
        // Resolving it calls `seen` with the copy's URL; importing what is loaded already costs nothing.
        if (this.adapter.isLoaded?.() ?? thorough) await importFromApp(target.specifier, target.via)
      } catch {
        // Not installed where the application can see it: nothing to attach to.
      }
    }
  }

  report(): AdapterReport {
    return {
      adapter: this.adapter.name,
      attached: [...this.#attached].map(tidy),
      failed: [...this.#failed].map(([module, why]) => ({ module: tidy(module), why })),
    }
  }

  async #whenLoaded(target: AdapterTarget, url: string): Promise<void> {
    // A turn of the loop lets a require that is under way finish; an import waits by itself.
    await new Promise((resolve) => setImmediate(resolve))
    const required = requiredExports(url)
    if (required !== undefined) return this.#attach(target, url, required)
    if (url.endsWith('.cjs')) return
    try {
      this.#attach(target, url, (await import(url)) as Record<string, unknown>)
    } catch (error) {
      this.#failed.set(url, messageOf(error))
    }
  }

  #attach(target: AdapterTarget, url: string, exports: Record<string, unknown>): void {
    if (this.#attached.has(url)) return
    this.#attached.add(url)
    try {
      target.attach(exports, this.#host)
      this.#failed.delete(url)
    } catch (error) {
      this.#attached.delete(url)
      this.#failed.set(url, messageOf(error))
    }
  }
}

function isInstalled(name: string): boolean {
  return appRoots().some((root) => {
    try {
      return findPackageJSON(name, root) !== undefined
    } catch {
      return false
    }
  })
}

function shortName(adapter: string): string {
  return adapter.slice(adapter.indexOf('/') + 1)
}

/** A module's place without the machine's folders before it. */
function tidy(url: string): string {
  return url.slice(url.lastIndexOf('/node_modules/') + '/node_modules/'.length)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
