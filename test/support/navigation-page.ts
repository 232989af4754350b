// An app of several pages for test/e2e/navigation.test.ts: links of every kind, long pages, and what it heard of its
// URL.

import '../../client-runtime/dom/development.ts';
import { register } from '../../client-runtime/app/register.ts';
import { start } from '../../client-runtime/app/start.ts';
import {
  component,
  effect,
  followLinks,
  html,
  matchRoute,
  navigate,
  onUrlChange,
  route,
  scrollTo,
  title,
} from '../../shared/index.ts';

const routes = { home: route('/'), page: route('/page/:name', { q: (text) => text }) };

type Message =
  | { readonly type: 'UrlChanged'; readonly url: string }
  | { readonly type: 'UserClickedPush' }
  | { readonly type: 'UserClickedReplace' }
  | { readonly type: 'UserClickedBack' }
  | { readonly type: 'UserClickedStop' };

const app = component<{ readonly url: string; readonly heard: readonly string[] }, Message>({
  init: () => [
    { url: location.pathname + location.search + location.hash, heard: [] },
    effect.batch([
      onUrlChange((url) => ({ type: 'UrlChanged', url })),
      followLinks((url) => matchRoute(routes, url) !== null),
    ]),
  ],
  update(model, message) {
    switch (message.type) {
      case 'UrlChanged':
        return [{ url: message.url, heard: [...model.heard, message.url] }, title(message.url)];
      case 'UserClickedPush':
        return [model, navigate.push(routes.page.href({ name: 'pushed' }, { q: 'by effect' }))];
      case 'UserClickedReplace':
        return [model, navigate.replace('/page/replaced')];
      case 'UserClickedBack':
        return [model, navigate.back()];
      case 'UserClickedStop':
        return [model, effect.batch([scrollTo({ top: 0 }), effect.from(() => queueMicrotask(() => running.stop()))])];
    }
  },
  view({ url, heard }) {
    const match = matchRoute(routes, url);
    const name = match?.name === 'page' ? match.params.name : 'home';
    return html`
      <h1>${name}</h1>
      <!-- of one height: were there a line more, the browser would keep in place what is seen, and not the scroll -->
      <output style="display: block; height: 3em; overflow: hidden">${heard.join(' ')}</output>
      <nav>
        <a href="/">Home</a>
        <a href="/page/one?q=x">One</a>
        <a href="/page/two"><b>Two</b></a>
        <a href="/page/one?q=x#end">One, its end</a>
        <a href="#end">End</a>
        <a href="/server">Server</a>
        <a href="/page/new" target="_blank">New tab</a>
        <a href="/page/file" download="file.txt">File</a>
        <a href="/page/reload" data-islet-reload>Reload</a>
        <a href=${`${location.origin.replace('127.0.0.1', 'localhost')}/page/foreign`}>Foreign</a>
        <a href="mailto:nobody@example.org">Mail</a>
        <a href="/page/prevented">Prevented</a>
        <test-link></test-link>
        <button @click=${{ type: 'UserClickedPush' }}>Push</button>
        <button @click=${{ type: 'UserClickedReplace' }}>Replace</button>
        <button @click=${{ type: 'UserClickedBack' }}>Back</button>
        <button @click=${{ type: 'UserClickedStop' }}>Stop</button>
      </nav>
      <div style="height: 4000px">${match ? 'Long' : 'Nothing'}</div>
      <h2 id="end">The end of ${name}</h2>
      <div style="height: 2000px"></div>
    `;
  },
});

register(
  component<null, never>({
    name: 'test-link',
    shadow: 'open',
    init: () => [null, effect.none],
    update: (model) => [model, effect.none],
    view: () => html`<a href="/page/shadow">In a shadow root</a>`,
  }),
);

const running = start(app, '#app');
