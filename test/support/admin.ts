// An app with an admin page, for tests: two administrators, a browser's part in logging in, and sockets in their name.

import type { FastifyInstance } from 'fastify';
import { toAccount } from '../../server/anime/admin/accounts.ts';
import type { AdminOptions } from '../../server/anime/admin/admin.ts';
import { type AppOptions, createApp } from '../../server/anime/app.ts';
import { TestClient } from './client.ts';

export const password = 'correct horse';
/** Of `password`: making one takes a while, by intention. This one is weak. */
const hash = 'scrypt:16384:8:1:c29tZSBzYWx0IGZvciB0ZXN0cw:4l_MeSVC6yntqQllSFYFosMdlz0gefcgE9t2sphw3jg';

export const accounts = [toAccount('ada', hash), toAccount('grace', hash)];

/** An app whose admin page takes `ada` and `grace`. */
export function createAdminApp(
  admin: Partial<AdminOptions> = {},
  options: Omit<AppOptions, 'admin'> = {},
): Promise<FastifyInstance> {
  return createApp({ ...options, admin: { accounts, attemptsPerMinute: 1_000, ...admin } });
}

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A browser without scripts: it keeps a cookie, and says which page a form is on. */
export class AdminVisitor {
  readonly url: string;
  cookie: string | undefined;

  constructor(url: string) {
    this.url = url;
  }

  /** Logs in as the server wants it. @throws Error unless that works. */
  async logIn(name = 'ada'): Promise<this> {
    const answer = await this.post('/admin/login', { name, password });
    if (answer.status !== 303) throw new Error(`${name} could not log in: ${answer.status} ${answer.text}`);
    return this;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<AdminAnswer> {
    return this.send(path, { headers });
  }

  post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<AdminAnswer> {
    return this.send(path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { origin: this.url, ...headers },
    });
  }

  /** Opens a socket with the cookie. */
  async socket(path = '/islet'): Promise<TestClient> {
    const headers = this.cookie === undefined ? {} : { cookie: this.cookie };
    return new TestClient(this.url.replace('http', 'ws') + path, { headers }).opened();
  }

  /** Opens the page's socket and says hello. */
  async connect(): Promise<TestClient> {
    const client = await this.socket();
    await client.hello();
    return client;
  }

  private async send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<AdminAnswer> {
    const headers = { accept: 'text/html', ...(this.cookie && { cookie: this.cookie }), ...init.headers };
    const response = await fetch(this.url + path, { redirect: 'manual', ...init, headers });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined)
      this.cookie = /max-age=0|expires=thu, 01 jan 1970/i.test(set) ? undefined : set.split(';', 1)[0];
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}
