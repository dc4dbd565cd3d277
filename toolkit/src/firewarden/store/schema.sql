-- The data file of a local Firestore. Numbers stand for what is long or often repeated; those that somebody may still
-- remember when their row is gone are never used again (AUTOINCREMENT).
-- Times are nanoseconds since 1970. Keys are encoded so that bytes sort as Firestore sorts (firestore/encoding.py).

CREATE TABLE databases (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    last_version INTEGER NOT NULL DEFAULT 0,  -- the time of the last commit
    cleared INTEGER NOT NULL DEFAULT 0,       -- nothing before this time is known any more
    UNIQUE (project, name)
);

-- Collections, and those that only lead to others: parent is the encoded path of the document they lie in.
CREATE TABLE collections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    database INTEGER NOT NULL,
    parent BLOB NOT NULL,
    id TEXT NOT NULL,
    UNIQUE (database, parent, id)
);
CREATE INDEX collections_by_id ON collections (database, id);

-- Documents as they are now. A rowid table: rows of a kilobyte make a tree of keys shallow only if they are not in it.
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    id BLOB NOT NULL,
    data BLOB NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    UNIQUE (collection, id)
);

-- Documents as they were from `updated` until just before `until`.
CREATE TABLE versions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL,
    id BLOB NOT NULL,
    data BLOB NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    until INTEGER NOT NULL
);
CREATE INDEX versions_by_document ON versions (collection, id, until);

-- Indexes that some query has needed. `encoding`: how keys were made; `past`: the last version that is in past_entries.
CREATE TABLE indexes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    database INTEGER NOT NULL,
    definition TEXT NOT NULL,
    encoding INTEGER NOT NULL,
    past INTEGER NOT NULL DEFAULT 0,
    UNIQUE (database, definition)
);

-- Entries of current documents; collection is 0 in indexes of whole collection groups.
CREATE TABLE entries (
    index_number INTEGER NOT NULL,
    collection INTEGER NOT NULL,
    key BLOB NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (index_number, collection, key)
) WITHOUT ROWID;

-- Entries of past versions, made when somebody reads an index as it was.
CREATE TABLE past_entries (
    index_number INTEGER NOT NULL,
    collection INTEGER NOT NULL,
    key BLOB NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (index_number, collection, key, version)
) WITHOUT ROWID;
CREATE INDEX past_entries_by_version ON past_entries (version);
