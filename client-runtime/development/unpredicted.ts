/*
 * Says in development what a page that predicts does not show at once: paths that no route has, routes that do not
 * allow it, and what throws in the page alone. Input: routes as the server declares them, what scripts have given to
 * `predict`, and `islet:unpredicted`. Output: lines in the console, each once.
 */

export type Routes = readonly (readonly [path: string, isPredicted: boolean])[];

let routes: Routes | undefined;
const said = new Set<string>();

const say = (text: string, ...more: readonly unknown[]): void => {
  if (!said.has(text)) console.warn(`islet: ${text}`, ...more);
  said.add(text);
};

/** The server has these, now that it runs. */
export function setRoutes(next: Routes): void {
  routes = next;
  said.clear();
  check();
}

export function watchPredictions(): void {
  // scripts of the page may come at any time, and islands say what they are then
  for (const name of ['load', 'islet:state']) addEventListener(name, check);
  addEventListener('islet:unpredicted', ({ target, detail }: CustomEventInit & Event) => {
    const route = target instanceof Element ? target.getAttribute('route') : '';
    const what = { handler: 'a handler', update: 'update', view: 'the view' }[detail.why as string];
    // the others are said in production, too
    if (!what) return;
    const cure = 'what keeps names, and what only the server has, is not in a page';
    say(
      `${route} shows what was done when the server has done it, since ${what} throws in the page: ${String(detail.error)}; ${cure}`,
      detail.error,
    );
  });
}

function check(): void {
  for (const path of routes ? (customElements.isletPredicted?.keys() ?? []) : []) {
    const example = path.replace(/:\w+|\*/g, 'x');
    const found = routes?.find(([each]) => isOf(each, example));
    if (!found) say(`predict('${path}') has no effect: the server has no such route`);
    else if (!found[1]) say(`predict('${path}') has no effect: write predict: true and keeps into that route`);
  }
}

/** Whether a path is one of those that a route stands for. */
function isOf(route: string, path: string): boolean {
  const [first = '', ...others] = route.split(/:\w+|\*/g).map((part) => part.replace(/\W/g, '\\$&'));
  return new RegExp(`^${[first, ...others].join('.+')}$`).test(path);
}
