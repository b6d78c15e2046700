import { type RequestHandler, Router } from 'express';
import { NotAllowed } from '../../errors.ts';
import type { PortalParts } from './deps.ts';
import { mayOpen } from './frame.ts';
import type { PortalPage } from './page.ts';

/** A page's routes behind its guard. Throws RangeError when a route is not at or below the page's path. */
export function pageRoutes(parts: PortalParts, page: PortalPage): Router {
  const routes = page.routes(parts);
  for (const { path } of routesOf(routes)) {
    if (path !== page.path && !path.startsWith(`${page.path}/`))
      throw new RangeError(`the page ${page.path} has a route ${path}, which its guard does not reach`);
  }
  return Router().use(page.path, guard(page)).use(routes);
}

/** 404 rather than 403 would hide nothing: the menu of others shows that the page exists. */
function guard(page: PortalPage): RequestHandler {
  return (request, _response, next) => {
    if (mayOpen(page, request.user?.role)) return next();
    throw new NotAllowed('who.page', { hint: 'who.role.hint' });
  };
}

/** Every route of a router and of the routers in it: how the tests know all there is. */
export function routesOf(router: Router): readonly { readonly method: string; readonly path: string }[] {
  return router.stack.flatMap((layer) => {
    const { route } = layer;
    // Casts: express has no type for the parts of a layer; both are looked at before they are used.
    const inner = layer.handle as unknown as Partial<Router>;
    if (route === undefined) return Array.isArray(inner.stack) ? routesOf(inner as Router) : [];
    const methods = Object.keys((route as unknown as { methods: Record<string, boolean> }).methods);
    return methods.map((method) => ({ method: method.toUpperCase(), path: String(route.path) }));
  });
}
