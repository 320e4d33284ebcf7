"""A function whose Init fails: it raises while it is loaded."""


class TableMissing(Exception):
    pass


raise TableMissing("no table name")
