// Where a file waits for something: `await`, and the calls by which this code goes on with what comes later. Input: a
// file's path and text. Output: one line for each place, in order: the file, the function, and what goes on there.

import { parseSync, Visitor } from 'vite';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Methods and functions that go on with what comes later. */
const methods = /^(then|catch|finally|ask|follow|holdUntil)$/;
const functions = /^(whenReady|joinTexts)$/;

/** @throws SyntaxError when the file is no TypeScript. */
export function findAwaits(path: string, source: string): string[] {
  const { program, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const places: (Range & { readonly at: number })[] = [];
  const named: (Range & { readonly name: string })[] = [];
  const textOf = ({ start, end }: Range): string => source.slice(start, end).replaceAll(/\s+/g, ' ');
  new Visitor({
    FunctionDeclaration(node) {
      named.push({ start: node.start, end: node.end, name: node.id?.name ?? '' });
    },
    MethodDefinition(node) {
      named.push({ start: node.start, end: node.end, name: textOf(node.key) });
    },
    AwaitExpression({ start, argument }) {
      const { end } = argument.type === 'CallExpression' ? argument.callee : argument;
      places.push({ at: start, start, end });
    },
    ForOfStatement({ start, right, await: isAwaited }) {
      if (isAwaited) places.push({ at: start, start, end: right.end });
    },
    CallExpression({ start, callee }) {
      if (callee.type === 'Identifier' && functions.test(callee.name))
        places.push({ at: start, start, end: callee.end });
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      // of a chain, the last link is what goes on
      const { property } = callee;
      if (methods.test(property.name)) places.push({ at: property.start, start, end: callee.end });
    },
  }).visit(program);
  return places
    .sort((one, other) => one.at - other.at)
    .map((place) => {
      const around = named.filter(({ start, end }) => start <= place.start && place.end <= end);
      const { name = '' } = around.sort((one, other) => other.start - one.start)[0] ?? {};
      return `${path} ${name}: ${textOf(place)}`;
    });
}
