import { type Inspection, readOptions, type Rule } from './command.ts'
import { fileRules } from './files.ts'
import { git } from './git.ts'
import { interpreterRules } from './interpreters.ts'
import { networkRules } from './network.ts'
import { serviceRules } from './services.ts'
import { isSecretName, systemRules } from './system.ts'
import { wrapperRules } from './wrappers.ts'

const words = (text: string) => text.trim().split(/\s+/)

/** Programs whose arguments are only text: nothing is opened, whatever they say. */
export const printing: ReadonlySet<string> = new Set(
  words(
    'echo printf true false : test [ [[ expr let seq yes sleep wait jobs bg fg cd pushd popd dirs pwd exit return break continue shift local readonly unset getopts read mapfile readarray ulimit umask times hash type which whereis whatis apropos info tput clear reset tty stty basename dirname uname arch nproc uptime whoami id groups logname users who w last date_ cal ncal factor units tset locale logger_ figlet cowsay lolcat fortune bc dc num fmt_ shopt complete compgen bind suspend caller help builtins_ let',
  ),
)

/** Programs that show names, sizes and states, never contents. */
const listing = words(
  'ls ll la dir vdir exa eza lsd tree stat file du df wc cksum md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum shasum md5 readlink realpath pathchk lsblk lscpu lsusb lspci lsmod lsof free vmstat iostat mpstat ps pgrep pidof pstree top htop btop netstat ss arp getconf ldd nm size findmnt blkid dmesg journalctl sw_vers system_profiler mdls mdfind locate tokei cloc scc loc groups getent test ncdu dust duf procs',
)

/** Programs that show contents. */
const reading = words(
  'cat bat tac nl head tail grep egrep fgrep zgrep rg ag ack ripgrep cut tr uniq comm join paste column fold expand unexpand rev look diff sdiff colordiff delta cmp diff3 patchutils xxd hexdump od hd strings base64 base32 basenc jq yq xq fx gron dasel tomlq xmllint xmlstarlet csvcut csvlook mlr pr fmt iconv dos2unix_ zcat bzcat xzcat zless gunzip gzip bunzip2 bzip2 xz unxz zstd unzstd lz4 uncompress compress nroff groff pandoc aspell spell wdiff pdftotext exiftool identify ffprobe shellcheck yamllint hadolint markdownlint cspell codespell ctags readelf objdump ltrace_ bison_ protoc_ vimdiff_ rgrep tsort shuf numfmt envsubst',
)

const readingOptions: Readonly<Record<string, RegExp>> = {
  rg: /^--(?:pre|hostname-bin|search-zip)\b|^-z$/,
  ag: /^--pager/,
  bat: /^--pager|^--diff-pager/,
  delta: /^--pager/,
  gzip: /^-\w*[S]$/,
  xmllint: /^--(?:output|shell)/,
  diff: /^--to-file_/,
  envsubst: /^$/,
}

/** Shows contents: which ones has to be known. */
const read: Rule = ({ argv }, inspection) => {
  const name = argv[0]?.text ?? ''
  for (const { text, known } of argv.slice(1)) {
    if (!known) inspection.ask('shell.unresolved', `What ${name} shows depends on ${text}.`)
    if (readingOptions[name]?.test(text) === true)
      inspection.ask('shell.option-runs', `${name} ${text} runs a program or writes a file.`)
  }
}

const list: Rule = () => undefined

const inPlace: Rule = (command, inspection) => {
  const options = readOptions(command.argv.slice(1), ['o', 'output'])
  if (options.has('o', 'output', 'i', 'in-place', 'inplace'))
    inspection.ask('shell.write', `${command.argv[0]?.text ?? ''} writes a file.`)
  read(command, inspection)
}

const fd: Rule = ({ argv, stdin }, inspection) => {
  const at = argv.findIndex(({ text }) => /^(?:-x|-X|--exec|--exec-batch)$/.test(text))
  if (at > 0)
    inspection.command(
      argv
        .slice(at + 1)
        .map((argument) => ({ ...argument, text: argument.text.replaceAll('{}', './x') })),
      stdin,
    )
}

const noted: Rule = ({ argv }, inspection) =>
  assignmentsAsArguments(
    argv.slice(1).map(({ text }) => text),
    inspection,
  )

function assignmentsAsArguments(texts: readonly string[], inspection: Inspection): void {
  for (const text of texts) {
    if (isSecretName(text.replace(/=.*$/s, '')) && !text.includes('='))
      inspection.ask('shell.credential', `${text} may hold a key.`)
  }
}

const entries: [string, Rule][] = [
  ...[...printing].map((name): [string, Rule] => [name, list]),
  ...listing.map((name): [string, Rule] => [name, list]),
  ...reading.map((name): [string, Rule] => [name, read]),
  ['yq', inPlace],
  ['jq', read],
  ['fd', fd],
  ['fdfind', fd],
  ['git', git],
  ['unset', list],
  ['readonly', noted],
  ...Object.entries(fileRules),
  ...Object.entries(wrapperRules),
  ...Object.entries(interpreterRules),
  ...Object.entries(networkRules),
  ...Object.entries(systemRules),
]

/** Services come last: some wrap others (`doppler run --`), and both have a say. */
const rules = new Map<string, Rule>([...Object.entries(serviceRules), ...entries])

/** The rule of a program, by the name it is called with. */
export function ruleOf(name: string): Rule | undefined {
  return rules.get(name) ?? rules.get(versionless(name))
}

/** `python3.12` is `python3`, `mkfs.ext4` is `mkfs`, `cat.exe` is `cat`. */
function versionless(name: string): string {
  return name
    .replace(/\.(?:exe|cmd|bat|com|sh)$/i, '')
    .replace(/^(mkfs|newfs|fsck)\..*$/, '$1')
    .replace(
      /^(python|pip|perl|ruby|php|lua|node|gcc|clang|pypy)-?(\d)(?:\.\d+)*$/,
      (_whole, base: string, major: string) =>
        base === 'python' || base === 'pip' ? base + major : base,
    )
}
