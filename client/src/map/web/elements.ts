/** The elements of the page, which `page.ts` creates. */
const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

export const canvas = element("map") as HTMLCanvasElement;
export const search = element("search") as HTMLInputElement;
export const fitButton = element("fit");
export const legendList = element("legend");
export const card = element("card");
export const note = element("note");
export const notice = element("notice");
export const summary = element("summary");
export const announcement = element("announcement");
