import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A selector such as `up{job="rxframe"}`. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** What a query of Prometheus asks for. */
export interface Query {
  /** Where it is none, the rest from there. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
  /** Whether it puts series together: then only the labels after `by` are left. */
  readonly aggregates: boolean;
  /** The labels after `by` and `on`. */
  readonly grouping: readonly string[];
}

/** Parses a query with the grammar of Prometheus's own web page. */
export function parseQuery(query: string): Query {
  const text = ({ from, to }: { from: number; to: number }) => query.slice(from, to);
  const errors: string[] = [];
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  let aggregates = false;
  parser.parse(query).iterate({
    enter: ({ type, from, node }) => {
      if (type.isError) errors.push(query.slice(from));
      if (type.name === 'VectorSelector') selectors.push(selectorOf(node, text));
      if (type.name === 'AggregateExpr') aggregates = true;
      if (type.name === 'GroupingLabels') grouping.push(...node.getChildren('LabelName').map(text));
    },
  });
  return { errors, selectors, aggregates, grouping };
}

function selectorOf(node: SyntaxNode, text: (node: SyntaxNode) => string): Selector {
  const child = (of: SyntaxNode, name: string) => {
    const found = of.getChild(name);
    return found === null ? '' : text(found);
  };
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: child(node, 'Identifier'),
    matchers: matchers.map((matcher) => ({
      label: child(matcher, 'LabelName'),
      operator: child(matcher, 'MatchOp'),
      value: child(matcher, 'StringLiteral').slice(1, -1),
    })),
  };
}
