-- Everything of a run refers to it by a number that means nothing outside; times are nanoseconds since its start.
-- Nodes are told by their position in the plan, so a plan is the key to the rows of its runs.
CREATE TABLE plan (
    key INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    json BLOB NOT NULL
);
CREATE TABLE label (
    label TEXT NOT NULL,
    plan INTEGER NOT NULL,
    PRIMARY KEY (label, plan)
) WITHOUT ROWID;
CREATE TABLE run (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    plan INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    elapsed_ns INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    counts BLOB NOT NULL DEFAULT x'',
    nodes INTEGER NOT NULL,
    cached BLOB NOT NULL DEFAULT x'',
    asked TEXT NOT NULL,
    cause TEXT NOT NULL,
    actor TEXT,
    verb TEXT NOT NULL,
    parent TEXT,
    choices TEXT NOT NULL,
    program TEXT NOT NULL,
    pid INTEGER NOT NULL,
    pid_started INTEGER NOT NULL,
    machine TEXT NOT NULL,
    log_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX run_by_time ON run (started_us, key);
CREATE INDEX run_by_plan ON run (plan);
-- A node without a row has not begun, unless its bit in `run.cached` says that its result was there already.
CREATE TABLE node (
    run INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state BLOB NOT NULL,
    attempts INTEGER NOT NULL,
    ready_ns INTEGER,
    started_ns INTEGER,
    ended_ns INTEGER,
    waited TEXT,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
CREATE TABLE attempt (
    run INTEGER NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_ns INTEGER NOT NULL,
    ended_ns INTEGER,
    end TEXT,
    code INTEGER,
    user_us INTEGER NOT NULL DEFAULT 0,
    system_us INTEGER NOT NULL DEFAULT 0,
    memory_bytes_peak INTEGER NOT NULL DEFAULT 0,
    log_start INTEGER,
    log_end INTEGER,
    PRIMARY KEY (run, position, number)
) WITHOUT ROWID;
-- Where the output of attempts lies in the log of the run; rows do not overlap.
CREATE TABLE chunk (
    run INTEGER NOT NULL,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    position INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    at_ns INTEGER NOT NULL,
    is_lost INTEGER NOT NULL,
    PRIMARY KEY (run, start)
) WITHOUT ROWID;
-- The events of one commit each, in the form of the codec.
CREATE TABLE event (
    key INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX event_by_run ON event (run, seq);
-- How long a node took when it last succeeded; only of those that take long enough to matter for the order.
CREATE TABLE duration (
    node BLOB PRIMARY KEY,
    wall_ns INTEGER NOT NULL
) WITHOUT ROWID;
