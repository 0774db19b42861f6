import ret, { types, type Group, type Root, type Token } from 'ret';

/** What the package really exports; its types say otherwise to those who import it as a module. */
const parse = ret as unknown as (pattern: string) => Root;

/**
 * **Tells whether a backtracking engine could take exponential time for a pattern**: something is repeated that can itself match the same
 * text in several ways, because in it something is repeated, optional, alternative or a reference back.
 *
 * Where it says no, matching takes at most polynomial time: each repetition may try each length. It says yes for some patterns
 * that would be harmless, such as `(foo|bar)+`.
 *
 * @throws SyntaxError where the pattern is none
 */
export function isExponential(pattern: string): boolean {
  // The parser does not know lookbehind, whose groups are as ambiguous as those of lookahead.
  const root = parse(pattern.replaceAll('(?<=', '(?=').replaceAll('(?<!', '(?!'));
  return branchesOf(root).some((branch) => branch.some((token) => isAmbiguous(token, false)));
}

/** Its alternatives: the parser gives a sole one as `stack`. */
function branchesOf({ options, stack }: Root | Group): Token[][] {
  return options ?? [stack as Token[]];
}

function isAmbiguous(token: Token, isRepeated: boolean): boolean {
  switch (token.type) {
    case types.REPETITION:
      if (isRepeated && token.min !== token.max) return true;
      return isAmbiguous(token.value, isRepeated || token.max > 1);
    case types.GROUP: {
      const branches = branchesOf(token);
      if (isRepeated && branches.length > 1) return true;
      return branches.some((branch) => branch.some((inner) => isAmbiguous(inner, isRepeated)));
    }
    case types.REFERENCE:
      return isRepeated;
    default:
      return false;
  }
}
