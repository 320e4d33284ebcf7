/** A function whose Init fails: it throws while it is loaded. */
class TableMissing extends Error {
  override readonly name = "TableMissing";
}

throw new TableMissing("no table name");
