import { createRequire } from 'node:module'
import type { Adapter, AdapterHost, RunHint } from './adapter.ts'
import { knownAdapters } from './known-adapters.ts'
import type { KnownAdapter } from './known-adapters.ts'
import {
  allIsEvaluated,
  evaluatedExports,
  isInstalled,
  loadedCommonJs,
  loadedEsModules,
} from './loaded-modules.ts'
import type { Exports } from './loaded-modules.ts'
import { watchModules } from './watch-modules.ts'
import { whenLaunched } from './when-launched.ts'
import { whenRead } from './when-read.ts'

const require = createRequire(import.meta.url)

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
  /** What the frameworks that are there write into their requests that differs from one start to the next. */
  maskers(): readonly RegExp[]
  /** Looks once more for CommonJS copies; for the first model call. */
  settle(): void
  /** Resolves when what stood further down in the import list that is being evaluated has been attached to. */
  readonly attached: Promise<unknown>
  /** `atWork`: frameworks that are, by what their clients say in requests. */
  report(atWork?: ReadonlySet<KnownAdapter>): readonly AdapterReport[]
  release(): void
}

export interface AttachOptions {
  readonly host: AdapterHost
  /** Adapters the application brings itself, beside the known ones. */
  readonly own: readonly Adapter[]
  /** Known adapters that stay off, by short name (`langgraph`). */
  readonly without: readonly string[]
  /** True before the application's first line: no framework is loaded yet, so nobody looks for one. @default false */
  readonly preloaded?: boolean
}

/** Attaches to every framework that the process has loaded or will load, ESM and CommonJS copies alike. */
export function attachAdapters(options: AttachOptions): AttachedAdapters {
  const attachments = new Attachments(options)
  const watch = watchModules(attachments)
  if (options.preloaded !== true) attachments.lookAround()
  let settled = false
  return {
    identify: () => attachments.identify(),
    maskers: () => attachments.maskers(),
    settle() {
      if (!settled) attachments.lookAtCommonJs()
      settled = true
    },
    attached: attachments.soon,
    report: (atWork = new Set()) => attachments.report(atWork),
    release() {
      watch.stop()
      attachments.stop()
    },
  }
}

class Attachments {
  readonly #host: AdapterHost
  readonly #active: Attachment[]
  /** Known adapters whose framework has not been seen yet. */
  readonly #waiting: Set<KnownAdapter>
  readonly #broken: AdapterReport[] = []
  /** Known adapters whose framework has launched a process. */
  readonly #launching = new Set<KnownAdapter>()
  #soon: Promise<unknown> = Promise.resolve()
  readonly #giveUp: (() => void)[] = []
  #stopped = false

  constructor({ host, own, without }: AttachOptions) {
    this.#host = host
    this.#active = own.map((adapter) => new Attachment(adapter, this.#host))
    this.#waiting = new Set(
      knownAdapters.filter(({ adapter }) => !without.includes(shortName(adapter))),
    )
    for (const known of this.#waiting) {
      const { global, launches } = known
      if (global !== undefined) {
        this.#giveUp.push(
          whenRead(global, () => {
            if (this.#waiting.has(known)) this.#load(known)?.attachUnseen()
          }),
        )
      }
      if (launches !== undefined) {
        this.#giveUp.push(whenLaunched(launches, () => this.#launching.add(known)))
      }
    }
  }

  wants(url: string): boolean {
    const name = packageOf(url)
    if (name !== undefined) {
      for (const known of this.#waiting) if (known.packages.includes(name)) this.#load(known)
    }
    return this.#active.some((attachment) => attachment.wants(url))
  }

  functionsOf(url: string): readonly string[] {
    return this.#active.flatMap((attachment) => attachment.functionsOf(url))
  }

  loaded(url: string, exports: Exports, functions?: object): void {
    if (this.#stopped) return
    for (const attachment of this.#active) attachment.loaded(url, exports, functions)
  }

  /** Attaches to what was loaded earlier, the evaluated copies at once. */
  lookAround(): void {
    this.lookAtCommonJs()
    const mayBeLoaded =
      this.#active.length > 0 ||
      [...this.#waiting].some(({ packages }) => packages.some((name) => isInstalled(name)))
    if (!mayBeLoaded) return

    const urls = loadedEsModules()
    if (urls instanceof Error) return this.#cannotTell(urls)
    const wanted = urls.filter((url) => this.wants(url))
    const allEvaluated = wanted.length > 0 && allIsEvaluated()
    const later: string[] = []
    for (const url of wanted) {
      if (allEvaluated || this.#active.some((attachment) => attachment.isEvaluated(url))) {
        this.#attachNow(url)
      } else later.push(url)
    }
    if (later.length === 0) return
    // It may stand further down in the import list that is being evaluated: let it have its turn.
    this.#soon = Promise.resolve().then(() =>
      Promise.all(later.map((url) => this.#attachSoon(url))),
    )
  }

  get soon(): Promise<unknown> {
    return this.#soon
  }

  lookAtCommonJs(): void {
    for (const [url, exports] of loadedCommonJs()) {
      if (this.wants(url)) this.loaded(url, exports)
    }
  }

  identify(): RunHint | undefined {
    for (const { adapter } of this.#active) {
      const hint = adapter.identify?.()
      if (hint !== undefined) return hint
    }
    return undefined
  }

  maskers(): readonly RegExp[] {
    return this.#active.flatMap(({ adapter }) => adapter.maskers ?? [])
  }

  report(atWork: ReadonlySet<KnownAdapter>): readonly AdapterReport[] {
    const held = this.#active.map((attachment) => {
      const { known, adapter } = attachment
      const { failed, ...said } = attachment.report()
      if (known === undefined) return { ...said, failed }
      return { ...said, failed: [...failed, ...this.#missed(known, adapter, atWork, attachment)] }
    })
    return [...held, ...this.#bundled(atWork), ...this.#broken]
  }

  stop(): void {
    this.#stopped = true
    for (const giveUp of this.#giveUp) giveUp()
  }

  #load(known: KnownAdapter): Attachment | undefined {
    this.#waiting.delete(known)
    try {
      // Synchronously, to be in time for the framework that is being loaded right now.
      const { adapter } = require(known.adapter) as { adapter: Adapter }
      const attachment = new Attachment(adapter, this.#host, known)
      this.#active.push(attachment)
      return attachment
    } catch (error) {
      this.#broken.push({
        adapter: shortName(known.adapter),
        attached: [],
        failed: [{ module: known.adapter, why: messageOf(error) }],
      })
      return undefined
    }
  }

  /** Frameworks that are there, by a trace that they leave, though none of their files was seen. */
  #bundled(atWork: ReadonlySet<KnownAdapter>): readonly AdapterReport[] {
    return [...this.#waiting].flatMap((known) => {
      try {
        const { adapter } = require(known.adapter) as { adapter: Adapter }
        const failed = this.#missed(known, adapter, atWork)
        return failed.length === 0 ? [] : [{ adapter: adapter.name, attached: [], failed }]
      } catch {
        // What comes without its adapters knows none of these traces.
        return []
      }
    })
  }

  /** What is there of a framework, whether or not a file of it was seen, and was not attached to. */
  #missed(
    known: KnownAdapter,
    adapter: Adapter,
    atWork: ReadonlySet<KnownAdapter>,
    attachment?: Attachment,
  ): AdapterReport['failed'] {
    const { packages, external = packages[0] ?? adapter.name, line = 'wrapTools(tools)' } = known
    const isThere = atWork.has(known) || this.#launching.has(known) || adapter.isLoaded?.() === true
    const isMissed = isThere && (attachment === undefined || attachment.isIdle)
    const { above } = known
    const aboveIsMissed =
      above !== undefined &&
      above.global in globalThis &&
      attachment?.hasSeen(above.package) !== true
    return [
      ...(isMissed ? [{ module: adapter.name, why: inBundle(external, line) }] : []),
      ...(aboveIsMissed
        ? [{ module: above.package, why: inBundle(above.package, above.line) }]
        : []),
    ]
  }

  #attachNow(url: string): void {
    try {
      this.loaded(url, evaluatedExports(url))
    } catch {
      void this.#attachSoon(url)
    }
  }

  async #attachSoon(url: string): Promise<void> {
    try {
      this.loaded(url, (await import(url)) as Exports)
    } catch {
      // It fails for the application too, which is told.
    }
  }

  #cannotTell(error: Error): void {
    this.#broken.push({
      adapter: '*',
      attached: [],
      failed: [
        {
          module: 'ES modules loaded before instrument()',
          why: `${error.message}; start with node --import holdfast/auto instead`,
        },
      ],
    })
  }
}

/** One adapter and the copies of its framework's modules that it is attached to. */
class Attachment {
  readonly adapter: Adapter
  /** Undefined for one of the application's own. */
  readonly known: KnownAdapter | undefined
  readonly #host: AdapterHost
  readonly #attached = new Set<string>()
  readonly #failed = new Map<string, string>()

  constructor(adapter: Adapter, host: AdapterHost, known?: KnownAdapter) {
    this.adapter = adapter
    this.known = known
    this.#host = host
  }

  /** True while nothing that it could attach to was seen. */
  get isIdle(): boolean {
    return this.#attached.size === 0 && this.#failed.size === 0
  }

  /** Whether a copy of one of its modules was seen. */
  hasSeen(specifier: string): boolean {
    const urls = [...this.#attached, ...this.#failed.keys()]
    return this.adapter.targets.some(
      (target) => target.specifier === specifier && urls.some((url) => target.file.test(url)),
    )
  }

  wants(url: string): boolean {
    return this.adapter.targets.some(({ file }) => file.test(url))
  }

  isEvaluated(url: string): boolean {
    return this.wants(url) && this.adapter.isLoaded?.() === true
  }

  functionsOf(url: string): readonly string[] {
    return this.adapter.targets.flatMap(({ file, functions = [] }) =>
      file.test(url) ? functions : [],
    )
  }

  loaded(url: string, exports: Exports, functions?: object): void {
    if (this.#attached.has(url)) return
    for (const target of this.adapter.targets) {
      if (!target.file.test(url)) continue
      try {
        target.attach(exports, this.#host, functions)
        this.#attached.add(url)
        this.#failed.delete(url)
      } catch (error) {
        this.#failed.set(url, messageOf(error))
      }
    }
  }

  attachUnseen(): void {
    try {
      const to = this.adapter.attachUnseen?.(this.#host)
      if (to !== undefined) this.#attached.add(to)
    } catch (error) {
      this.#failed.set(this.adapter.name, messageOf(error))
    }
  }

  report(): AdapterReport {
    return {
      adapter: this.adapter.name,
      attached: [...this.#attached].map(tidy),
      failed: [...this.#failed].map(([module, why]) => ({ module: tidy(module), why })),
    }
  }
}

function inBundle(external: string, line: string): string {
  return `it is part of a bundle: leave ${external} out of it ("external"), or add ${line}`
}

function shortName(adapter: string): string {
  return adapter.slice(adapter.indexOf('/') + 1)
}

/** The package that a file is installed in. */
function packageOf(url: string): string | undefined {
  const marker = '/node_modules/'
  const at = url.lastIndexOf(marker)
  if (at === -1) return undefined
  const start = at + marker.length
  const end = url.indexOf('/', url.charAt(start) === '@' ? url.indexOf('/', start) + 1 : start)
  return url.slice(start, end)
}

/** A module's place without the machine's folders before it. */
function tidy(url: string): string {
  const marker = '/node_modules/'
  const at = url.lastIndexOf(marker)
  return at === -1 ? url.slice(url.lastIndexOf('/') + 1) : url.slice(at + marker.length)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
