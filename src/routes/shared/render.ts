import { join } from 'node:path';
import ejs from 'ejs';
import { assetPath } from './assets.ts';

/** Draws a page of views/ from its model, which the view sees as `it`. */
export type Draw = (page: string, model: object) => Promise<string>;

/** Views are strict, see nothing but `it`, and are compiled once. `root`: the project's folder. */
export function openViews(root: string): Draw {
  const folder = join(root, 'views');
  const assets = assetPath(root);
  return (page, model) =>
    ejs.renderFile(
      join(folder, `${page}.ejs`),
      { assets, ...model },
      { strict: true, _with: false, localsName: 'it', cache: true, views: [folder], root: folder },
    );
}
