/** Where an account, or every account of a package, belongs. null: nothing is said, and the next one counts. */
export interface PlacementsTable {
  /** 'account:bob', 'package:gold'. */
  subject: string;
  /** 0: no switch moves its names. */
  protected: number | null;
  /** Id of a master; '' for the pair's home. */
  preferred: string | null;
  /** 1: the customer may choose the master. */
  choice: number | null;
  /** 0: its files do not travel. */
  file_sync: number | null;
  /** 0: its domains get no names that stay on one server. */
  own_names: number | null;
  set_by: string;
  set_at: number;
}

export interface PlacementTables {
  placements: PlacementsTable;
}
