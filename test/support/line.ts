// What a page's socket goes through: it holds back whole frames, either way, until a test says otherwise, or loses them.
// `await page.routeWebSocket(/islet/, (socket) => line.connect(socket));`, before the page is opened.

import type { WebSocketRoute } from 'playwright';

export class Line {
  readonly sent: string[] = [];
  readonly received: string[] = [];
  /** Holds the answers to a frame that has this, from then on. */
  question: string | undefined;
  #toServer: (() => void)[] | undefined;
  #toPage: (() => void)[] | undefined;
  #close: () => Promise<unknown> = async () => {};

  connect(page: WebSocketRoute): void {
    const upstream = page.connectToServer();
    this.#close = () => Promise.all([page.close({ code: 4000 }), upstream.close()]);
    page.onMessage((frame) => {
      this.sent.push(String(frame));
      if (this.question !== undefined && String(frame).includes(this.question)) this.hold('toPage');
      const send = () => upstream.send(frame);
      if (this.#toServer) this.#toServer.push(send);
      else send();
    });
    upstream.onMessage((frame) => {
      const send = () => {
        this.received.push(String(frame));
        page.send(frame);
      };
      if (this.#toPage) this.#toPage.push(send);
      else send();
    });
  }

  hold(direction: 'toServer' | 'toPage'): void {
    if (direction === 'toServer') this.#toServer ??= [];
    else this.#toPage ??= [];
  }

  release(direction: 'toServer' | 'toPage'): void {
    const all = direction === 'toServer' ? this.#toServer : this.#toPage;
    if (direction === 'toServer') this.#toServer = undefined;
    else this.#toPage = undefined;
    for (const send of all ?? []) send();
  }

  /** What was held is lost. */
  async cut(): Promise<void> {
    this.#toServer = this.#toPage = undefined;
    await this.#close();
  }
}
