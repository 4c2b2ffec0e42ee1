/** What installs the server. It is a separate file, so that activation does not read it. */
export { chooseInterpreter } from "./install/choose";
export { installDeepModel } from "./install/deepCommand";
export { install } from "./install/install";
