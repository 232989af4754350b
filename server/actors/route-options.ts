/*
 * What `app.islet.route` can be told, as types: what `props` is given and has to give, by the path and the component,
 * and which options go together. Input: what an author writes. The same is checked when the route is declared
 * (`routes.ts`), for those who write JavaScript.
 */

import type { AnyStateMachine, ContextFrom, EventFromLogic, InputFrom } from 'xstate';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { Client, Json } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Presence } from '../../shared/language/topic.ts';
import type { EventAnswer, RouteParams } from '../options.ts';

/** What `props` of a route is given. All texts are as a browser sent them: check them. */
export interface PropsRequest<Params = RouteParams, Attributes = AttributeTexts, User = unknown> {
  /**
   * Whose island it is: what `authenticate` gave for who joins, or for who asks for the page; null for nobody, and for a
   * shared actor, which is nobody's own.
   */
  readonly user: User | null;
  /** Of the path: `/ws/rate/:animeId` gives `{ animeId }`. */
  readonly params: Params;
  /** Those that the component declares or the option `attributes` names, as far as the element has them. */
  readonly attributes: Attributes;
}

export type AttributeTexts = { readonly [name: string]: string | undefined };

/** The parameters that a path names: `/ws/rate/:animeId` gives `{ animeId: string }`. */
export type PathParams<Path extends string> = string extends Path
  ? RouteParams
  : { readonly [Name in ParamIn<Path>]: string };

type ParamIn<Path extends string> =
  | (Path extends `${string}:${infer Rest}` ? Exclude<Word<Rest>, ''> | ParamIn<Rest> : never)
  // URLPattern numbers what has no name
  | (Path extends `${string}/*` ? '0' : never);

type Word<Text extends string> = Text extends `${infer Letter}${infer Rest}`
  ? Letter extends Letters
    ? `${Letter}${Word<Rest>}`
    : ''
  : '';

type Lower = 'abcdefghijklmnopqrstuvwxyz0123456789_$' extends infer All extends string ? Each<All> : never;
type Letters = Lower | Uppercase<Lower>;
type Each<Text extends string> = Text extends `${infer Letter}${infer Rest}` ? Letter | Each<Rest> : never;

/** What a component's `init` needs, or its machine's input. */
type PropsOf<Made> = Made extends { init(props: infer Props): unknown }
  ? Props
  : Made extends { machine: infer Machine extends AnyStateMachine }
    ? InputFrom<Machine>
    : unknown;

/** The names of the attributes that a component declares; any text where its type does not say them. */
type DeclaredBy<Made> = Made extends { readonly '~attribute'?: infer Name extends string } ? Name : string;

type ModelOf<Made> = Made extends { update(model: infer Model, message: never): unknown } ? Model : never;

/** What props are without the option: parameters and attributes. */
type DefaultProps<Path extends string, Made> = PathParams<Path> & { readonly [Name in DeclaredBy<Made>]?: string };

type NeedsProps<Path extends string, Made> =
  undefined extends PropsOf<Made>
    ? false
    : Record<never, never> extends PropsOf<Made>
      ? false
      : DefaultProps<Path, Made> extends PropsOf<Made>
        ? false
        : true;

type MakeProps<Request, Props> = (request: Request) => Props | undefined | PromiseLike<Props | undefined>;

type WithProps<Request, Path extends string, Made> =
  NeedsProps<Path, Made> extends true
    ? {
        /**
         * What `init` gets, at once or later: what the first view needs is loaded here. Undefined: there is no such
         * island. This component cannot start without.
         */
        readonly props: MakeProps<Request, PropsOf<Made>>;
      }
    : {
        /**
         * What `init` gets, at once or later: what the first view needs is loaded here. Undefined: there is no such
         * island. Default: parameters and the attributes that count, as one object.
         */
        readonly props?: MakeProps<Request, PropsOf<Made>>;
      };

interface AnyIsland<User, Params> {
  /**
   * Says of each event of this route whether it may happen, in place of the plugin's. It is asked with the route's path
   * as it was declared.
   */
  authorizeEvent?(client: Client<User | null>, route: string, params: Params): EventAnswer | PromiseLike<EventAnswer>;
  /**
   * Says who is here while a page has an island of this route, and where; nothing (null,
   * undefined, false): nobody is to know. Asked when the island joins.
   */
  presence?(client: Client<User | null>, params: Params): Visit | null | undefined | false;
}

/** Whether its component runs in pages, too. */
interface Prediction<Part, User> {
  /**
   * Pages that have the component (`predict` of `islet/client`) answer events at once, by its own `update` and `view`;
   * the server confirms or corrects. Others show it as ever. `code` names the code of the pages, such as its commit:
   * a page with code of another name shows it as ever, too. `offline`: pages are told whose they are, so
   * that `predict(path, component, { offline: true })` keeps there what is done without a connection. Needs `persist`.
   */
  readonly predict?: boolean | { readonly code?: string; readonly offline?: boolean };
  /**
   * Names of the parts of the model that never leave the server; the view does not get them. `'members.*.mail'` is a
   * part of each item of a list, or of each value of a record. Where a route is predicted it has to be written, if only
   * as `[]`.
   */
  readonly keeps?: readonly Part[];
  /** What of the user the handlers in the user's own pages may know, as plain JSON. Default: nothing (null). */
  publicUser?(user: User | null): Json;
}

/** Where somebody is listed as being here. */
export interface Visit<Meta = unknown> {
  readonly in: Presence<Meta>;
  /** Who it is: pages with the same id are one person. */
  readonly id: string;
  readonly name: string;
  readonly meta?: Meta;
}

/** An island of one's own: an actor for each element that shows it. */
interface OwnIsland<Named, Forgotten> {
  readonly shared?: false;
  /**
   * Attributes that `props` reads besides those that the component declares, such as `['sort']`. What neither names
   * counts nowhere. A change of one is no message: the next island of this element starts from it.
   */
  readonly attributes?: readonly Named[];
  /**
   * What it survives, where the plugin has a `store`: a deploy, at which its state is written (64 KiB at most) and kept
   * for two minutes; a crash as well, for which each of its turns is committed; or neither (false). Default `'deploy'`.
   */
  readonly survive?: 'deploy' | 'crash' | false;
  /** Names of the parts of the model that are never stored; after a restart they are as `init` makes them. */
  readonly forgets?: readonly Forgotten[];
  readonly persist?: false;
  readonly idleMs?: never;
  readonly keepMs?: never;
}

/** One actor for everybody, for each value of the path's parameters. */
interface SharedIsland {
  readonly shared: true;
  readonly persist?: false;
  /** How long the actor stays when nobody looks, in milliseconds. Default: the plugin's. */
  readonly idleMs?: number;
  readonly attributes?: never;
  readonly survive?: never;
  readonly forgets?: never;
  readonly keepMs?: never;
}

/** A shared actor whose state outlives the server. */
interface PersistedIsland<Forgotten> {
  readonly shared: true;
  /**
   * Commits each turn of the actor to the store before anybody is shown it, so that the actor goes on where it was
   * after a release, a restart or a crash of the server. A state that its view cannot show is never overwritten: the
   * actor is given up instead. Needs `shared`.
   */
  readonly persist: true;
  /**
   * How long what is stored stays after the actor was last wanted, in milliseconds, 1,000 or more: joined, rendered, or
   * changed. Then it is removed, and the next one starts from its props. Default: for ever.
   */
  readonly keepMs?: number;
  /** Names of the parts of the model that are never stored; after a restart they are as `init` makes them. */
  readonly forgets?: readonly Forgotten[];
  /** How long the actor stays when nobody looks, in milliseconds. Default: the plugin's. */
  readonly idleMs?: number;
  readonly attributes?: never;
  readonly survive?: never;
}

type OwnRequest<Path extends string, Made, Named extends string, User> = PropsRequest<
  PathParams<Path>,
  { readonly [Name in DeclaredBy<Made> | Named]?: string },
  User
>;

type SharedRequest<Path extends string> = PropsRequest<PathParams<Path>, { readonly [name in never]: never }, never>;

type PartOf<Made> = [ModelOf<Made>] extends [never] ? string : keyof Extract<ModelOf<Made>, object> & string;

/** Parts of a model as `keeps` names them, some levels deep. */
type KeptPart<Made> = [ModelOf<Made>] extends [never] ? string : PartIn<ModelOf<Made>, [1, 1, 1, 1, 1, 1]>;

/** @typeParam Levels One for each level that follows: a model may hold itself. */
type PartIn<Value, Levels extends readonly 1[]> = Levels extends readonly [1, ...infer Rest extends readonly 1[]]
  ? Value extends readonly (infer Item)[]
    ? `*.${PartIn<Item, Rest>}`
    : Value extends object
      ? { [Name in keyof Value & string]: NamedPart<Value, Name, Rest> }[keyof Value & string]
      : never
  : never;

/** Of a record whose names are not known each value is meant by a star. */
type NamedPart<Value, Name extends keyof Value & string, Rest extends readonly 1[]> =
  | Name
  | `${string extends Name ? '*' : Name}.${PartIn<Value[Name], Rest>}`;

/**
 * Options of a route. `app.islet.route` infers all of it; name it to write options apart from their route.
 *
 * @typeParam Path The path as it is declared, for `params`.
 * @typeParam Made The component, for `attributes`, and for what `props` gives.
 * @typeParam User What `authenticate` gives.
 * @typeParam Named What the option `attributes` names.
 */
export type RouteOptions<
  Path extends string = string,
  Made extends AnyComponent = AnyComponent,
  User = unknown,
  Named extends string = string,
> = AnyIsland<User, PathParams<Path>> &
  Prediction<KeptPart<Made>, User> &
  (
    | (OwnIsland<Named, PartOf<Made>> & WithProps<OwnRequest<Path, Made, Named, User>, Path, Made>)
    | ((SharedIsland | PersistedIsland<PartOf<Made>>) & WithProps<SharedRequest<Path>, Path, Made>)
  );

/** A component that can start without the option `props`; of another the type says what is missing. */
export type StartsAlone<Path extends string, Made extends AnyComponent> =
  NeedsProps<Path, Made> extends true ? Made & 'its init needs props: give the route the option props' : Made;

/** The messages of a component, or the events of its machine. */
export type MessageOf<Made> = Made extends { update(model: never, message: infer Message): unknown }
  ? Message
  : Made extends { machine: infer Machine extends AnyStateMachine }
    ? EventFromLogic<Machine>
    : AnyMessage;

/** The model of a component, or the context of its machine. */
export type ReadOf<Made> = Made extends { machine: infer Machine extends AnyStateMachine }
  ? ContextFrom<Machine>
  : [ModelOf<Made>] extends [never]
    ? unknown
    : ModelOf<Made>;

/** A route that was declared, for `app.islet.send` and `app.islet.read`. */
export interface DeclaredRoute<Path extends string = string, Message = AnyMessage, Model = unknown> {
  readonly path: Path;
  /** Only of its type: which messages can be sent there. */
  readonly '~takes'?: (message: Message) => void;
  /** Only of its type: what is read there. */
  readonly '~model'?: Model;
}

/** What is read of a route; of one that is only named, anything. */
export type ModelAt<Target> = Target extends DeclaredRoute<string, never, infer Model> ? Model : unknown;

/** The parameters of a route's path, for `app.islet.send`. */
export type ParamsAt<Target> = PathParams<Target extends DeclaredRoute<infer Path, never> ? Path : Target & string>;

/** What can be sent to a route; to one that is only named, any message. */
export type MessageAt<Target> =
  Target extends DeclaredRoute<string, infer Message>
    ? Message
    : AnyMessage | (AnyMessage & { readonly [field: string]: unknown });

/** How a message is sent to an actor. */
export interface SendOptions {
  /**
   * Names what is sent, for whoever cannot know whether it arrived: with the same key it is done once, however often it
   * is sent. A persisted actor remembers keys for 24 hours, over restarts; another one the last thousand of its life.
   */
  readonly key?: string;
}

/** Options of some route, as the server looks at them. */
export interface DeclaredOptions {
  readonly shared?: boolean;
  readonly persist?: boolean;
  readonly attributes?: readonly string[];
  readonly survive?: 'deploy' | 'crash' | false;
  readonly forgets?: readonly string[];
  readonly keepMs?: number;
  readonly idleMs?: number;
  props?(request: PropsRequest): unknown;
  authorizeEvent?(client: Client, route: string, params: RouteParams): EventAnswer | PromiseLike<EventAnswer>;
  presence?(client: Client, params: RouteParams): Visit | null | undefined | false;
  readonly predict?: boolean | { readonly code?: string; readonly offline?: boolean };
  readonly keeps?: readonly string[];
  publicUser?(user: unknown): Json;
}
