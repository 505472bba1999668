// Names that code given on a command line may use without being asked about. None of them reads, writes, runs or
// sends anything, and none gives access to one that does. Everything else is not understood, and what is not
// understood is asked.
const harmlessNames = new Set(
  (
    'print println puts p pp say printf echo console log info warn error debug table ' +
    'len sum min max range str int float bool list dict set tuple sorted reversed enumerate zip round abs repr type hex oct bin ord chr pow divmod any all format ' +
    'sys version version_info platform python_version byteorder maxsize stdin stdout write process arch versions node exit uptime hrtime memoryUsage ' +
    'json JSON parse stringify dumps loads indent math Math sqrt pi PI floor ceil round random abs pow log2 log10 sin cos tan ' +
    'datetime date time now today utcnow timezone utc timedelta isoformat strftime toISOString Date Number String Boolean Array Object keys values entries fromEntries isArray from of ' +
    'length size upper lower strip split join replace trim toUpperCase toLowerCase slice splice push pop map filter reduce reverse sort includes indexOf startsWith endsWith padStart padEnd repeat concat flat fill test match ' +
    'count index append extend items get title capitalize isdigit isalpha zfill ' +
    'import from as for in of if else elif not and or is None True False true false null undefined nil const let var return function lambda while break continue new typeof instanceof do end then each times inject to_s to_i to_f to_a upcase downcase strip chomp ' +
    'use strict warnings my BEGIN END NF NR FS OFS RUBY_VERSION PHP_VERSION PHP_EOL phpversion ' +
    'BigInt Symbol Map Set parseInt parseFloat isNaN isFinite Infinity NaN toString toFixed valueOf ' +
    'a b c d e f g h i j k l m n o p q r s t u v w x y z _ line lines row word words name value key item data result total num number text acc cur val char ' +
    'statistics mean median collections Counter itertools functools string ascii_letters digits re findall sub fractions Fraction decimal Decimal uuid uuid4 base64 b64decode b64encode decode encode hashlib sha256 md5 hexdigest textwrap calendar'
  ).split(' '),
)

const longest = 4000

/** True where a snippet of Python, JavaScript, Ruby, Perl, PHP or Lua can do nothing but compute and print. */
export function isHarmlessCode(code: string): boolean {
  if (code.length > longest) return false
  // A backtick runs a command in Ruby, Perl and PHP; interpolation hides code in a string; %x and qx run.
  if (/`|#\{|@\{|\$\{|%x|\bqx\b|\\[ux]|%[wWiIqQ]?[[{(<]/.test(code)) return false
  // JSON of the project may be read: the usual way to ask for a version.
  const text = code.replace(/\brequire\((["'])\.{1,2}\/[\w./-]+\.json\1\)/g, '0')
  const withoutStrings = text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""')
  if (/["']{3}|[^\x20-\x7e\n\t]/.test(withoutStrings)) return false
  const unquoted = withoutStrings.replaceAll('""', ' ')
  if (/["'\\@]|<</.test(unquoted)) return false
  const names = unquoted.match(/[A-Za-z_]\w*/g) ?? []
  if (!names.every((name) => harmlessNames.has(name) || /^__name__$/.test(name))) return false
  // A property whose name is computed can be any property: `a["constr" + "uctor"]`.
  return (
    !/\[\s*["']/.test(text) &&
    !/\]\s*\(/.test(unquoted) &&
    !/""\s*\./.test(
      withoutStrings.replace(
        /""\s*\.(?:join|format|length|split|repeat|toUpperCase|toLowerCase|upper|lower|upcase)\b/g,
        '',
      ),
    )
  )
}

/** True where an awk program only selects and prints. */
export function isHarmlessAwk(program: string): boolean {
  const code = program.slice(0, longest + 1).replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
  return (
    program.length <= longest &&
    !/\b(?:system|getline|close|fflush|ENVIRON)\b|@load|@include|@\w+\(/.test(code) &&
    !/(?:^|[^|])\|(?:[^|]|$)/.test(code.replace(/\/(?:[^/\\\n]|\\.)*\//g, '/')) &&
    !/\bprintf?\b[^;}\n]*>/.test(code)
  )
}

/** True where a sed script runs nothing and writes no other file. */
export function isHarmlessSed(script: string): boolean {
  if (script.length > longest) return false
  const scripts = script.split(/[\n;]/)
  return scripts.every((one) => {
    const command = one
      .trim()
      .replace(
        /^(?:\d+|\$|\/(?:[^/\\]|\\.)*\/I?)?(?:,(?:[+~]?\d+|\$|\/(?:[^/\\]|\\.)*\/I?))?\s*!?\s*\{?\s*/,
        '',
      )
    if (/^[ewWrR](?:\s|$|\S)/.test(command) && !/^[rR]\s+[\w./-]+$/.test(command)) return false
    const substitution = /^s(.)/.exec(command)
    if (substitution === null) return true
    const separator = (substitution[1] ?? '/').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const flags = new RegExp(
      `^s${separator}(?:\\\\.|(?!${separator})[^\\\\])*${separator}(?:\\\\.|(?!${separator})[^\\\\])*${separator}(.*)$`,
    ).exec(command)
    return flags === null || !/[ewW]/.test(flags[1] ?? '')
  })
}
