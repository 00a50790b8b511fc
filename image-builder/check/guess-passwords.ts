import { tmpdir } from 'node:os'
import { BuildFailure, ImageRefusal } from '../refusal.ts'
import { runTool } from '../run-tool.ts'

export interface Account {
  readonly name: string
  /** crypt(5) */
  readonly hash: string
}

/** Of a processor: two seconds of an image that is checked in three. On a machine that has much else to do they take longer. */
const SECONDS = 2
/** By the clock. */
const AT_MOST = 8
const MOST_ACCOUNTS = 16
/** $1$, $5$ and $6$ with at most 100000 rounds, yescrypt and bcrypt up to a tenth of a second: others are made to keep us busy. */
const TRIED = /^\$(?:1\$|[56]\$(?:rounds=\d{1,5}\$)?(?!rounds=)|y\$j[0-9A-C][A-T]\$|2[aby]\$0\d\$|gy\$j[0-9A-C][A-T]\$)[\x21-\x39\x3b-\x7e]{1,400}$/

/**
 * Node has no crypt(3) and perl has the system's. Hashes and candidates go in on stdin, the numbers of accounts come out: no secret is
 * in any argument. Each candidate is tried on all accounts before the next, so that what is cut off is the least likely.
 */
const PROGRAM = String.raw`
alarm ${AT_MOST}; $| = 1; my (@hashes, @words, %open);
while (<STDIN>) { chomp; my ($kind, $value) = split / /, $_, 2; push @{$kind eq 'h' ? \@hashes : \@words}, $value }
my $missing = 0;
@open{0..$#hashes} = ();
for my $word (@words) {
  my ($only, $text) = split / /, $word, 2;
  for my $at (sort { $a <=> $b } keys %open) {
    next if $only ne '-' && $only != $at;
    exit if (times)[0] > ${SECONDS};
    my $made = crypt($text, $hashes[$at]);
    if (!defined $made || $made =~ /^\*/) { $missing = 1; delete $open{$at}; next }
    if ($made eq $hashes[$at]) { print "$at\n"; delete $open{$at} }
  }
}
print $missing ? "some\n" : "all\n";
`

/**
 * Tries common passwords, and each account's own name, on accounts that are not locked.
 *
 * @returns names of the accounts that one of them opens; `complete` when everything was tried on everybody
 */
export async function guessPasswords(accounts: readonly Account[], common: readonly string[]): Promise<{ guessed: string[]; complete: boolean }> {
  const tried = accounts.filter(({ hash }) => TRIED.test(hash)).slice(0, MOST_ACCOUNTS)
  if (tried.length === 0) return { guessed: [], complete: accounts.length === 0 }
  const own = tried.map(({ name }, at) => `w ${at} ${name}`)
  const input = [...tried.map(({ hash }) => `h ${hash}`), ...own, ...common.map((word) => `w - ${word}`)].join('\n')
  try {
    const { stdout } = await runTool('perl', ['-e', PROGRAM], { cwd: tmpdir(), input: `${input}\n`, limit: 4096, seconds: AT_MOST + 2 })
    const lines = stdout.toString('latin1').split('\n')
    const guessed = lines.filter((line) => /^\d+$/.test(line)).map((line) => tried[Number(line)]!.name)
    return { guessed: [...new Set(guessed)], complete: tried.length === accounts.length && lines.includes('all') }
  } catch (error) {
    // Whether anybody's password is common is left open; that is said, and is no reason to refuse the image.
    if (error instanceof BuildFailure || error instanceof ImageRefusal) return { guessed: [], complete: false }
    throw error
  }
}
