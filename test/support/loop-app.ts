// An app in a folder of its own, run by `islet dev` from the sources of this repository: a shared counter, a form of
// one's own, and a component of the browser. Tests change its files as somebody who writes it would.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'vitest';
import { freePort } from './free-port.ts';

const root = resolve(import.meta.dirname, '../..');

/** What the app is made of. */
export const files = {
  'package.json': '{ "name": "loop", "type": "module" }',
  'server.ts': `import Fastify from 'fastify';
import { html } from 'islet';
import { clientComponent, islet, serverComponent } from 'islet/server';
import { starBox } from './client/star-box.ts';
import { counter } from './components/counter.ts';
import { form } from './components/form.ts';

const app = Fastify();
await app.register(islet, { assets: new URL('build', import.meta.url).pathname });
app.islet.route('/ws/counter', counter, { shared: true });
app.islet.route('/ws/form', form);
app.get('/', (_, reply) =>
  reply.html(html\`
    <!doctype html>
    <html lang="en">
      <head><title>Loop</title><link rel="stylesheet" href=\${app.islet.asset('app.css')}></head>
      <body>
        <h1>Loop</h1>
        <label>Outside <input id="outside"></label>
        \${serverComponent({ route: '/ws/counter' })}
        \${serverComponent({ route: '/ws/form' })}
        \${clientComponent(starBox)}
      </body>
    </html>
  \`),
);
await app.listen({ host: process.env.HOST, port: Number(process.env.PORT) });
`,
  'components/counter.ts': `import { component, effect, html } from 'islet';

export const counter = component<number, { type: 'UserClicked' }>({
  init: () => [0, effect.none],
  update: (count) => [count + 1, effect.none],
  view: (count) => html\`<p>Count: \${count}</p> <button @click=\${{ type: 'UserClicked' }}>Plus</button>\`,
});
`,
  'components/form.ts': `import { component, effect, html } from 'islet';

export const form = component<{ readonly sent: number }, { type: 'UserSent' }>({
  init: () => [{ sent: 0 }, effect.none],
  update: ({ sent }) => [{ sent: sent + 1 }, effect.none],
  view: ({ sent }) => html\`
    <form @submit=\${{ type: 'UserSent' }}>
      <label>Name <input name="name"></label>
      <button>Send</button>
      <p>Sent: \${sent}</p>
    </form>
  \`,
});
`,
  'client/star-box.ts': `import { component, effect, html } from 'islet';

export const starBox = component<number, { type: 'UserStarred' }>({
  name: 'star-box',
  init: () => [0, effect.none],
  update: (stars) => [stars + 1, effect.none],
  view: (stars) => html\`<button @click=\${{ type: 'UserStarred' }}>Star</button> <p>Stars: \${stars}</p> <input aria-label="Note">\`,
});
`,
  'public/app.css': 'h1 { color: rgb(1, 2, 3); }\n',
};

export class LoopApp implements AsyncDisposable {
  readonly folder: string;
  readonly url: string;
  private readonly child: ChildProcess;
  output = '';

  private constructor(folder: string, url: string, child: ChildProcess) {
    this.folder = folder;
    this.url = url;
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
  }

  /** Starts `islet dev`; resolves when the app's page can be asked for. */
  static async start(args: readonly string[] = [], more: { readonly [name: string]: string } = {}): Promise<LoopApp> {
    const folder = await mkdtemp(join(tmpdir(), 'islet-loop-'));
    for (const [name, text] of Object.entries({ ...files, ...more })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const port = await freePort();
    const env = {
      ...process.env,
      NODE_OPTIONS: `--import=${join(root, 'test/support/from-source.ts')}`,
      HOST: '127.0.0.1',
      PORT: String(port),
    };
    const child = spawn(process.execPath, [join(root, 'scripts/cli/main.ts'), 'dev', ...args], { cwd: folder, env });
    const app = new LoopApp(folder, `http://127.0.0.1:${port}`, child);
    const status = () =>
      fetch(app.url).then(
        (answer) => answer.status,
        () => app.output,
      );
    await expect.poll(status, { timeout: 60_000 }).toBe(200);
    return app;
  }

  read(name: keyof typeof files): Promise<string> {
    return readFile(join(this.folder, name), 'utf8');
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** Changes a file. @throws Error if the text to replace is not in it. */
  async change(name: keyof typeof files, ...changes: readonly (readonly [from: string, to: string])[]): Promise<void> {
    let text = await this.read(name);
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
      text = text.replace(from, to);
    }
    await this.write(name, text);
  }

  /** Resolves when the server is what the files say, after a change of one. */
  async isUpToDate(name: string): Promise<void> {
    const isSaid = (): boolean => this.output.split(`${name} has changed.`).at(1)?.includes('Up to date.') === true;
    await expect.poll(isSaid, { timeout: 60_000 }).toBe(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
    await rm(this.folder, { recursive: true, force: true });
  }
}
