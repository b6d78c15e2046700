import { join } from 'node:path';
import ejs from 'ejs';

/** Draws a page of views/ from its model, which the view sees as `it`. */
export type Draw = (page: string, model: object) => Promise<string>;

/** Views are strict, see nothing but `it`, and are compiled once unless `fresh`. */
export function openViews(folder: string, options: { readonly fresh?: boolean } = {}): Draw {
  return (page, model) =>
    ejs.renderFile(join(folder, `${page}.ejs`), model, {
      strict: true,
      _with: false,
      localsName: 'it',
      cache: options.fresh !== true,
      views: [folder],
      root: folder,
    });
}
