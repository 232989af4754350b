/*
 * `islet/client`: importing it defines `<server-component>`.
 */

export { ServerComponent, type State } from './element.ts';
