/**
 * A page as data: most pages are a heading over tables, facts and forms, and one view (views/sheet.ejs) draws them all,
 * so that they look and behave alike.
 */

import type { SelectModel } from './present/accounts.ts';
import type { ChipModel } from './present/chips.ts';
import type { FieldModel } from './present/form.ts';
import type { OperationRow } from './present/operation.ts';
import type { TimeModel } from './present/time.ts';

export interface Link {
  readonly label: string;
  readonly href: string;
}

/** A button that sends a form of its own. */
export interface PostButton {
  readonly label: string;
  readonly action: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly danger?: boolean;
  /** ISO time until which it helps: it is counted down to. */
  readonly until?: string;
}

export interface Cell {
  readonly text?: string;
  readonly href?: string;
  /** A name that a machine reads. */
  readonly machine?: boolean;
  readonly number?: boolean;
  readonly tone?: 'good' | 'warn' | 'bad' | 'wait' | 'busy';
  readonly chips?: readonly ChipModel[];
  readonly time?: TimeModel;
  readonly buttons?: readonly PostButton[];
  /** Second line, smaller. */
  readonly meta?: string;
}

export type Block =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly tone?: 'note' | 'meta' | 'danger';
      readonly link?: Link /** Something newer is on its way. */;
      readonly stale?: boolean;
    }
  | { readonly kind: 'heading'; readonly text: string; readonly id?: string }
  | { readonly kind: 'facts'; readonly rows: readonly (Cell & { readonly label: string })[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
      /** Said in the table's place when it has no rows. */
      readonly empty: string;
      /** One table of several on the page: said in a line, not in a box. */
      readonly small?: boolean;
      /** Folded away behind this sentence. */
      readonly fold?: string;
    }
  | {
      readonly kind: 'form';
      readonly action: string;
      readonly fields: readonly FieldModel[];
      readonly button: string;
      readonly danger?: boolean;
      readonly hidden?: Readonly<Record<string, string>>;
      /** As wide as the page, for texts of long lines. */
      readonly wide?: boolean;
      /** A name that is sent many times. */
      readonly repeated?: { readonly name: string; readonly values: readonly string[] };
      /** Folded away behind this word until it is wanted. */
      readonly fold?: string;
      readonly open?: boolean;
      /** The browser is asked for a new passkey first, with these options; its answer is sent as `answer`. JSON. */
      readonly passkey?: string;
    }
  | {
      readonly kind: 'buttons';
      readonly links: readonly Link[];
      readonly posts: readonly PostButton[];
      readonly danger?: boolean;
    }
  /** A table of things that are picked by a box in front of each; its buttons do something with those picked. */
  | {
      readonly kind: 'picks';
      readonly action: string;
      /** Sent once for each thing that is picked. */
      readonly name: string;
      readonly columns: readonly string[];
      readonly rows: readonly { readonly value: string; readonly label: string; readonly cells: readonly Cell[] }[];
      readonly empty: string;
      readonly hidden: Readonly<Record<string, string>>;
      /** What the button says is sent as `op`. */
      readonly buttons: readonly { readonly label: string; readonly op: string; readonly danger?: boolean }[];
      /** What some buttons need beside the picks. */
      readonly fields: readonly FieldModel[];
    }
  /** Files from the visitor's machine. */
  | {
      readonly kind: 'upload';
      readonly action: string;
      readonly label: string;
      readonly help: string;
      readonly button: string;
      readonly hidden: Readonly<Record<string, string>>;
      readonly overwrite: string;
    }
  /** Bars side by side in a box of 600 by 140, with the bound drawn where there is one. */
  | {
      readonly kind: 'bars';
      readonly label: string;
      readonly caption: string;
      readonly bars: readonly {
        readonly x: number;
        readonly y: number;
        readonly width: number;
        readonly height: number;
        readonly label: string;
        readonly value: string;
      }[];
      readonly bound?: { readonly y: number; readonly label: string };
    }
  | {
      readonly kind: 'meter';
      readonly label: string;
      readonly text: string;
      readonly percent: number;
      readonly tone: 'good' | 'warn' | 'bad';
    }
  | { readonly kind: 'links'; readonly links: readonly Link[] }
  | { readonly kind: 'code'; readonly text: string }
  /** No master has answered yet: the page fetches itself again. `again`: where no script does. */
  | { readonly kind: 'unread'; readonly text: string; readonly again?: Link }
  | { readonly kind: 'operations'; readonly rows: readonly OperationRow[]; readonly empty: string }
  | { readonly kind: 'log'; readonly rows: readonly LogRow[] }
  | { readonly kind: 'qr'; readonly path: string; readonly size: number; readonly label: string }
  /** A line over time in a box of 600 by 80; the label says in words what it shows. */
  | { readonly kind: 'chart'; readonly path: string; readonly label: string; readonly caption: string }
  | {
      readonly kind: 'difference';
      readonly lines: readonly DifferenceLine[];
      readonly folded: string;
      readonly labels: { readonly change: string; readonly before: string; readonly after: string };
    };

/** A line of a difference: what stood there, what will. */
export interface DifferenceLine {
  readonly state: 'added' | 'removed' | 'changed';
  readonly symbol: string;
  readonly word: string;
  readonly before: string;
  readonly after: string;
}

export interface Sheet {
  readonly heading: string;
  readonly machine?: boolean;
  readonly trail?: Link;
  readonly count?: string;
  readonly primary?: Link;
  readonly more?: readonly Link[];
  readonly problem?: Problem;
  /** What was just done. */
  readonly notice?: string;
  readonly filter?: {
    readonly action: string;
    readonly text?: { readonly name: string; readonly label: string; readonly value: string };
    readonly selects: readonly SelectModel[];
    readonly filtered: boolean;
  };
  readonly blocks: readonly Block[];
  /** The blocks are fetched again when something changes. */
  readonly live?: boolean;
}

/** Something that somebody wrote. */
export interface LogRow {
  readonly who: string;
  readonly time: TimeModel;
  readonly text: string;
  readonly button?: PostButton;
}

export interface Problem {
  readonly sentence: string;
  readonly hint: string;
  readonly issues: readonly { readonly href: string; readonly text: string }[];
}
