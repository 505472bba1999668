import { firstText, type Inspection, type Options, readOptions, type Rule } from './command.ts'
import { byVerbs } from './verbs.ts'
import { type Argument, literal } from './word.ts'

// Settings whose value git runs, or that change what it runs.
const runningSettings =
  /^(?:alias\.|core\.(?:pager|editor|sshcommand|hookspath|fsmonitor|gitproxy|askpass|worktree|alternaterefscommand)|pager\.|sequence\.editor|credential\.|diff\.(?:external|.*\.(?:command|textconv))|difftool\.|mergetool\.|merge\..*\.driver|filter\.|gpg\.(?:program|.*\.program)|uploadpack\.|receivepack\.|remote\..*\.(?:uploadpack|receivepack|proxy|vcs)|url\.|http\.(?:proxy|sslverify|cookiefile)|protocol\.|include\.|includeif\.|init\.templatedir|interactive\.difffilter|web\.browser|browser\.|man\.|sendemail\.|instaweb\.|guitool\.|submodule\..*\.update|trailer\..*\.c(?:md|ommand))/i

// Options of `git` itself that are followed by a value.
const globalOptions = [
  'C',
  'c',
  'git-dir',
  'work-tree',
  'namespace',
  'super-prefix',
  'config-env',
  'attr-source',
]

const readOnly = new Set(
  'status log show diff blame annotate shortlog describe rev-parse rev-list ls-files ls-tree ls-remote cat-file grep reflog name-rev merge-base cherry whatchanged count-objects fsck verify-commit verify-tag var help version for-each-ref show-ref show-branch diff-tree diff-index diff-files range-diff check-ignore check-attr check-mailmap bugreport diagnose lfs get-tar-commit-id request-pull'.split(
    ' ',
  ),
)

/** Looks at git commands: what loses work, rewrites what others have, runs programs or talks to strangers. */
export const git: Rule = ({ argv, stdin }, inspection) => {
  let index = 1
  for (; index < argv.length; index++) {
    const { text } = argv[index] as Argument
    if (text === '--') continue
    if (!text.startsWith('-')) break
    const name = text.replace(/^--?/, '').replace(/=.*$/s, '')
    if (/^-c./.test(text)) setting(text.slice(2), inspection)
    else if (text === '-c') setting(argv[index + 1]?.text ?? '', inspection)
    if (/^--(?:exec-path|config-env)=/.test(text)) {
      inspection.ask('shell.git-runs', `git ${text} changes which programs run.`)
    }
    if (globalOptions.includes(name) && !text.includes('=') && !/^-[cC]./.test(text)) index++
  }
  const verb = argv[index]
  if (verb === undefined) return
  if (!verb.known) {
    inspection.ask('shell.unresolved', `What git does depends on ${verb.text}.`)
    return
  }
  const args = argv.slice(index + 1)
  if (args.some(({ text }) => text === '--help')) return
  for (const { text } of args) {
    if (/^(?:ext|fd)::/.test(text))
      inspection.deny('shell.git-runs', 'An ext:: or fd:: address runs a program.')
    if (
      /^--(?:upload-pack|receive-pack|exec|open-files-in-pager)\b/.test(text) &&
      verb.text !== 'rebase'
    ) {
      inspection.ask('shell.git-runs', `git ${verb.text} ${text} runs a program.`)
    }
    if (/^--output(?:-directory)?=/.test(text))
      inspection.ask('shell.protected-path', `git ${text} writes a file.`)
  }
  verbs[verb.text]?.(args, inspection)
  if (verb.text === 'bisect' && args[0]?.text === 'run') inspection.command(args.slice(1), stdin)
  // An alias or a program git-<verb>: its words tell as much as those of any other program.
  // An alias or a program git-<verb>: its words tell as much as those of any other program.
  if (!readOnly.has(verb.text) && verbs[verb.text] === undefined && !harmless.has(verb.text)) {
    byVerbs({ argv: [literal(`git-${verb.text}`), verb, ...args], stdin }, inspection)
  }
}

const harmless = new Set(
  'add commit pull fetch merge rebase revert cherry-pick init mv am apply format-patch bundle notes bisect stage sparse-checkout mergetool difftool maintenance hash-object write-tree commit-tree mktree mktag interpret-trailers stripspace column fmt-merge-msg merge-file merge-tree merge-index rerere archive repack pack-refs multi-pack-index index-pack pack-objects unpack-objects update-index verify-pack reset-author backfill'.split(
    ' ',
  ),
)

function setting(text: string, inspection: Inspection): void {
  if (runningSettings.test(text)) {
    inspection.ask(
      'shell.git-runs',
      `The git setting ${text.replace(/=.*$/s, '')} decides what git runs.`,
    )
  }
}

function lost(inspection: Inspection, what: string): void {
  inspection.ask('shell.git-loses', `git ${what}; commit or stash first, or let a person confirm.`)
}

function shared(inspection: Inspection, what: string): void {
  inspection.ask('shell.git-rewrites', `git ${what}.`)
}

const checkoutValues = [
  'b',
  'B',
  'orphan',
  'conflict',
  'recurse-submodules',
  'U',
  'unified',
  'inter-hunk-context',
  'pathspec-from-file',
  'c',
  'C',
  'create',
  'force-create',
]

const verbs: Readonly<Record<string, (args: readonly Argument[], inspection: Inspection) => void>> =
  {
    reset(args, inspection) {
      const options = readOptions(args)
      if (options.has('hard', 'merge', 'keep'))
        lost(inspection, 'reset --hard throws uncommitted work away')
    },
    checkout(args, inspection) {
      const dashes = args.findIndex(({ text }) => text === '--')
      const before = dashes < 0 ? args : args.slice(0, dashes)
      // `--recurse-submodules` takes its value after a space only where the next word is one.
      const options = readOptions(
        before.filter(
          ({ text }, index) =>
            text !== 'on-demand' || before[index - 1]?.text !== '--recurse-submodules',
        ),
        checkoutValues.filter((name) => name !== 'recurse-submodules'),
      )
      if (options.has('f', 'force'))
        lost(inspection, 'checkout --force throws uncommitted work away')
      if (options.has('b', 'B', 'orphan') && dashes < 0) return
      if (options.has('pathspec-from-file', 'ours', 'theirs', 'p', 'patch')) {
        lost(inspection, 'checkout of files overwrites uncommitted work')
      }
      if (dashes >= 0 && (args.length > dashes + 1 || options.operands.length > 0)) {
        lost(inspection, 'checkout -- overwrites uncommitted work')
      } else if (options.operands.length > 1 && !options.has('t', 'track', 'd', 'detach')) {
        lost(inspection, 'checkout of files overwrites uncommitted work')
      } else if (options.operands.some(({ text }) => /^\.{1,2}\/?$|^:\/|^\*|\/$/.test(text))) {
        lost(inspection, 'checkout of files overwrites uncommitted work')
      }
    },
    restore(args, inspection) {
      const options = readOptions(args, ['s', 'source', 'pathspec-from-file', 'conflict', 'U'])
      if (options.has('h', 'help')) return
      if (!options.has('S', 'staged') || options.has('W', 'worktree')) {
        lost(inspection, 'restore overwrites uncommitted work')
      }
    },
    switch(args, inspection) {
      const options = readOptions(args, checkoutValues)
      if (options.has('f', 'force', 'discard-changes'))
        lost(inspection, 'switch --force throws uncommitted work away')
    },
    clean(args, inspection) {
      const options = readOptions(args, ['e', 'exclude'])
      if (options.has('f', 'force'))
        lost(inspection, 'clean -f deletes files that git does not know')
    },
    push(args, inspection) {
      const options = readOptions(args, ['o', 'push-option', 'repo', 'receive-pack', 'exec'])
      const exact = new Set(options.names)
      const leased = exact.has('force-with-lease')
      if ((exact.has('f') || exact.has('force')) && !leased)
        shared(inspection, 'push --force rewrites what others have; use --force-with-lease')
      else if (
        options.names.some(
          (name) =>
            name.startsWith('for') &&
            !['force', 'force-with-lease', 'force-if-includes'].includes(name),
        )
      ) {
        shared(inspection, 'push --force rewrites what others have')
      }
      if (options.has('d', 'delete', 'mirror', 'prune'))
        shared(inspection, 'push deletes branches that others have')
      for (const [index, operand] of options.operands.entries()) {
        if (index > 0 && /^\+|^:/.test(operand.text))
          shared(inspection, `push ${operand.text} rewrites or deletes what others have`)
        if (index === 0 && /:\/\/|^[\w.-]+@[\w.-]+:|^\//.test(operand.text)) {
          inspection.ask(
            'shell.copy-out',
            `git push to the address ${operand.text.replace(/\/\/[^@/]*@/, '//')} and not to a known remote.`,
          )
        }
        if (!operand.known)
          inspection.ask('shell.unresolved', `Where git pushes depends on ${operand.text}.`)
      }
    },
    branch(args, inspection) {
      const options = readOptions(args, ['u', 'set-upstream-to', 'contains', 'sort', 'format'])
      if (options.has('D') || (options.has('d', 'delete') && options.has('f', 'force')))
        lost(inspection, 'branch -D deletes commits that nothing else holds')
      if (options.has('M', 'C') || (options.has('f', 'force') && options.operands.length > 0))
        shared(inspection, 'branch --force moves a branch')
    },
    tag(args, inspection) {
      const options = readOptions(args, [
        'm',
        'F',
        'u',
        'message',
        'file',
        'sort',
        'format',
        'contains',
      ])
      if (options.has('d', 'delete', 'f', 'force'))
        shared(inspection, 'tag -d or -f takes a tag away')
    },
    stash(args, inspection) {
      if (/^(?:drop|clear)$/.test(firstText(args)))
        lost(inspection, `stash ${firstText(args)} deletes stashed work`)
    },
    worktree(args, inspection) {
      if (firstText(args) === 'remove' && readOptions(args).has('f', 'force'))
        lost(inspection, 'worktree remove --force throws uncommitted work away')
    },
    reflog(args, inspection) {
      if (/^(?:expire|delete|drop)$/.test(firstText(args)))
        lost(inspection, 'reflog expire takes the last way back away')
    },
    gc(args, inspection) {
      if (readOptions(args).has('prune', 'aggressive'))
        lost(inspection, 'gc --prune deletes what the reflog would bring back')
    },
    prune: (_args, inspection) => lost(inspection, 'prune deletes unreachable commits'),
    'filter-branch': (_args, inspection) => shared(inspection, 'filter-branch rewrites history'),
    'filter-repo': (_args, inspection) => shared(inspection, 'filter-repo rewrites history'),
    replace: (_args, inspection) => shared(inspection, 'replace changes history'),
    'update-ref': (_args, inspection) =>
      shared(inspection, 'update-ref moves or deletes a branch behind its back'),
    'symbolic-ref': (args, inspection) => {
      if (readOptions(args).operands.length > 1) shared(inspection, 'symbolic-ref moves HEAD')
    },
    'read-tree': (_args, inspection) => lost(inspection, 'read-tree overwrites the index'),
    'checkout-index': (args, inspection) => {
      if (readOptions(args).has('f', 'force'))
        lost(inspection, 'checkout-index --force overwrites files')
    },
    rm(args, inspection) {
      const options = readOptions(args)
      if (options.has('cached')) return
      if (options.has('f', 'force')) lost(inspection, 'rm --force deletes uncommitted work')
      if (options.has('r') && options.operands.some(({ text }) => /^(?:\.|\*|\/.*)$/.test(text))) {
        lost(inspection, 'rm -r deletes everything')
      }
    },
    rebase(args, inspection) {
      const options = readOptions(args, ['x', 'exec', 'onto', 's', 'X', 'C'])
      for (const run of options.values('x', 'exec')) inspection.script(run.text)
    },
    submodule(args, inspection) {
      if (firstText(args) === 'foreach') {
        const rest = readOptions(args.slice(1), [], { stopAtOperand: true }).operands
        inspection.script(rest.map(({ text }) => text).join(' '))
      }
      if (firstText(args) === 'deinit')
        lost(inspection, 'submodule deinit deletes the work of a submodule')
      if (firstText(args) === 'add')
        inspection.ask('shell.git-runs', 'A new submodule brings in code of others.')
    },
    config(args, inspection) {
      const options = readOptions(args, [
        'f',
        'file',
        'blob',
        'type',
        'default',
        'get',
        'get-all',
        'get-regexp',
        'unset',
        'add',
        'replace-all',
      ])
      if (options.has('e', 'edit', 'remove-section', 'rename-section'))
        inspection.ask('shell.git-runs', 'git config changes settings.')
      if (
        options.has('get', 'get-all', 'get-regexp', 'l', 'list') ||
        /^(?:get|list)$/.test(firstText(options.operands))
      )
        return
      for (const { text } of [
        ...options.operands,
        ...options.values('add', 'replace-all', 'unset'),
      ])
        setting(text, inspection)
    },
    remote(args, inspection) {
      if (/^(?:set-url|remove|rm|prune|rename)$/.test(firstText(args))) {
        inspection.ask(
          'shell.git-rewrites',
          `git remote ${firstText(args)} changes where the work goes.`,
        )
      }
    },
    clone(args, inspection) {
      const options = readOptions(args, [
        'b',
        'branch',
        'depth',
        'o',
        'origin',
        'u',
        'c',
        'config',
        'j',
        'jobs',
        'reference',
        'filter',
        'template',
        'separate-git-dir',
      ])
      for (const { text } of options.values('c', 'config')) setting(text, inspection)
      if (options.has('u', 'template'))
        inspection.ask(
          'shell.git-runs',
          'git clone with its own program or hooks runs code of others.',
        )
      unsafeAddress(options, inspection)
    },
    'send-email': (_args, inspection) =>
      inspection.ask('shell.copy-out', 'git send-email sends mail.'),
    credential: (_args, inspection) =>
      inspection.ask('shell.credential', 'git credential prints passwords.'),
    'credential-store': (_args, inspection) =>
      inspection.ask('shell.credential', 'git credential-store prints passwords.'),
    'credential-cache': (_args, inspection) =>
      inspection.ask('shell.credential', 'git credential-cache prints passwords.'),
    daemon: (_args, inspection) =>
      inspection.ask('shell.listen', 'git daemon opens the repository to the network.'),
  }

function unsafeAddress(options: Options, inspection: Inspection): void {
  const [address] = options.operands
  if (address !== undefined && /^-|^\w+::|:\/\/-/.test(address.text)) {
    inspection.deny('shell.git-runs', 'This address makes git run a program.')
  }
  if (address?.known === false) {
    inspection.ask('shell.unresolved', `What git clones depends on ${address.text}.`)
  }
}
