/*
 * Who is measured: how each subject's server is started and which wire it speaks. Names are keys of the results.
 * With BENCH_BEFORE, the folder of another checkout of this project, that one is a subject as well: `before`, with its
 * own benchmark's server and its own client of its wire. With BENCH_PHOENIX, the folder of the app that `phoenix.ts` built,
 * Phoenix LiveView is one too.
 */

import { fileURLToPath } from 'node:url';
import { buildRenderer } from './build.ts';
import type { Protocol } from './driver/protocol.ts';
import { channelProtocol } from './driver/protocol-channels.ts';
import { answeringProtocol, echoProtocol, pacedProtocol } from './driver/protocol-echo.ts';
import { isletProtocol } from './driver/protocol-islet.ts';
import type { Launch } from './driver/server-process.ts';

export interface Subject {
  readonly label: string;
  /** The npm package whose version is told with the results; undefined for this project and for plain code. */
  readonly package?: string;
  launch(): Promise<Launch>;
  /** How to talk to it over a WebSocket, where it has one. */
  readonly protocol?: Protocol;
}

/** Another checkout of this project, if one is to be measured beside this one. */
export const beforeFolder: string | undefined = process.env.BENCH_BEFORE;

/** The built app of Phoenix LiveView, if that takes part. */
const phoenixFolder: string | undefined = process.env.BENCH_PHOENIX;

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const pages = async (renderer: string): Promise<Launch> => ({
  script: fromHere('./peers/server/pages.ts'),
  args: ['--renderer', await buildRenderer(renderer)],
});

const phoenix = async (): Promise<Launch> => ({
  program: `${phoenixFolder}/bin/bench`,
  args: ['start'],
  // it talks to no other process of Erlang; two of them would quarrel about their name
  env: { RELEASE_DISTRIBUTION: 'none' },
  collectPath: '/bench/collect',
});

const byName = {
  islet: {
    label: 'islet',
    launch: async () => ({ script: fromHere('./app/main.ts') }),
    protocol: isletProtocol,
  },
  before: {
    label: 'islet before',
    launch: async () => ({ script: `${beforeFolder}/bench/app/main.ts` }),
    ...(beforeFolder && { protocol: await protocolOf(beforeFolder) }),
  },
  ws: {
    label: 'bare ws',
    package: 'ws',
    launch: async () => ({ script: fromHere('./peers/server/ws.ts') }),
    protocol: echoProtocol,
  },
  wsPaced: {
    label: 'bare ws, 60 a second',
    launch: async () => ({ script: fromHere('./peers/server/ws.ts') }),
    protocol: pacedProtocol,
  },
  wsAsked: {
    label: 'bare ws, one answer',
    launch: async () => ({ script: fromHere('./peers/server/ws.ts') }),
    protocol: answeringProtocol,
  },
  wsKept: {
    label: 'bare ws and SQLite',
    launch: async () => ({ script: fromHere('./peers/server/ws-kept.ts') }),
    protocol: echoProtocol,
  },
  fastify: {
    label: 'Fastify + @fastify/websocket',
    package: '@fastify/websocket',
    launch: async () => ({ script: fromHere('./peers/server/fastify-websocket.ts') }),
    protocol: echoProtocol,
  },
  liveviewjs: {
    label: 'LiveViewJS',
    package: 'liveviewjs',
    launch: async () => ({ script: fromHere('./peers/server/liveviewjs.ts') }),
    protocol: channelProtocol(),
  },
  phoenix: { label: 'Phoenix LiveView', launch: phoenix, protocol: channelProtocol() },
  phoenixStream: {
    label: 'Phoenix LiveView, stream',
    launch: phoenix,
    protocol: channelProtocol((route) => (route === 'table' ? 'stream' : route)),
  },
  strings: { label: 'escaped strings', launch: () => pages('strings.ts') },
  solid: { label: 'Solid', package: 'solid-js', launch: () => pages('solid.jsx') },
  preact: { label: 'Preact', package: 'preact', launch: () => pages('preact.jsx') },
  react: { label: 'React', package: 'react', launch: () => pages('react.jsx') },
} satisfies Record<string, Subject>;

async function protocolOf(folder: string): Promise<Protocol> {
  return (await import(`${folder}/bench/driver/protocol-islet.ts`)).isletProtocol;
}

export type SubjectName = keyof typeof byName;

/** Whether a subject can be measured here. */
export function isHere(name: SubjectName): boolean {
  return phoenixFolder !== undefined || (name !== 'phoenix' && name !== 'phoenixStream');
}

export const subjects: Readonly<Record<SubjectName, Subject>> = byName;
