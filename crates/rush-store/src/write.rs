//! What one commit of a run puts into the database, and what it appends to the log.

use camino::Utf8Path;
use rush_plan::{AttemptEnd, LogStream, NodeId, NodeState, RunCounts, RunOutcome};
use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};
use rustc_hash::FxHashSet;
use std::sync::Arc;

use crate::codec::{Frame, Positions, encode_state};
use crate::draft::{AttemptDraft, Batch, Chunk, Draft, NodeDraft, Pending};
use crate::error::StoreError;
use crate::record::{ProcessMark, RunStart};
use crate::segment::SegmentWriter;
use crate::store::Store;

/// Nodes that are done in less do not matter for the order in which others start.
const DURATION_NS_MIN: u64 = 10_000_000;

/// Writes what the recorder heard of one run.
#[derive(Debug)]
pub(crate) struct Writer {
    store: Store,
    run: RunRow,
    positions: Arc<Positions>,
    segment: SegmentWriter,
    lost: Option<LostLog>,
    /// What there was no room for, without its output; it goes before what comes next.
    owed: Option<Batch>,
    /// The nodes whose durations are known.
    long: FxHashSet<Vec<u8>>,
}

/// The row of the run.
#[derive(Debug)]
enum RunRow {
    /// It is made with the first commit, so a run that is refused leaves nothing.
    ToCome(Box<RunStart>),
    There(i64),
}

/// Output that could not be written to the log.
#[derive(Debug)]
pub(crate) struct LostLog {
    pub(crate) error: StoreError,
    /// Whose it was.
    pub(crate) nodes: Vec<NodeId>,
}

impl Writer {
    pub(crate) fn begin(store: Store, start: RunStart) -> (Self, Draft) {
        let positions = Arc::new(Positions::of(start.plan.nodes().iter().map(rush_plan::Node::id)));
        let frame = Frame { run: start.id.clone(), started: start.now };
        let segment = SegmentWriter::new(&store.directory, &start.id);
        let draft = Draft::new(frame, Arc::clone(&positions));
        let run = RunRow::ToCome(Box::new(start));
        let long = FxHashSet::default();
        (Self { store, run, positions, segment, lost: None, owed: None, long }, draft)
    }

    pub(crate) fn go_on(store: Store, key: i64, frame: &Frame, positions: Arc<Positions>) -> Self {
        let segment = SegmentWriter::new(&store.directory, &frame.run);
        let (run, long) = (RunRow::There(key), FxHashSet::default());
        Self { store, run, positions, segment, lost: None, owed: None, long }
    }

    pub(crate) fn path(&self) -> &Utf8Path {
        self.store.path()
    }

    /// What could not be written to the log since the last time.
    pub(crate) fn take_lost(&mut self) -> Option<LostLog> {
        self.lost.take()
    }

    /// Commits; returns the emptied buffers. If the disk is full, the output is the first to go, and the rest is
    /// tried again with what comes next.
    pub(crate) fn write(&mut self, batch: Batch) -> Result<Pending, StoreError> {
        let mut batch = match self.owed.take() {
            Some(before) => batch.owes(before),
            None => batch,
        };
        // First the bytes, then the rows that speak of them.
        let has_log = self.write_log(&batch.pending);
        let committed = self.commit(&batch, has_log).map_err(|error| self.store.failed(&error));
        if let Err(error @ StoreError::Full { .. }) = committed {
            self.commit_without_log(&mut batch, error)?;
        } else {
            committed?;
        }
        let mut emptied = batch.pending;
        emptied.clear();
        Ok(emptied)
    }

    fn commit_without_log(
        &mut self,
        batch: &mut Batch,
        error: StoreError,
    ) -> Result<(), StoreError> {
        self.segment.take_back(batch.pending.log_start);
        if !batch.pending.chunks.is_empty() {
            self.lose(&batch.pending, error);
        }
        batch.thin();
        let mut committed = self.commit(batch, LogWritten::NotAtAll);
        if committed.is_err() && batch.pending.end.is_some() {
            // Nothing comes after this. How a run ended is worth more than the last of what it said.
            self.segment.cut();
            committed = self.commit(batch, LogWritten::NotAtAll);
        }
        committed.map_err(|error| {
            self.owed = Some(std::mem::take(batch));
            self.store.failed(&error)
        })
    }

    fn lose(&mut self, pending: &Pending, error: StoreError) {
        let mut positions: Vec<u32> = pending.chunks.iter().map(|it| it.position).collect();
        positions.sort_unstable();
        positions.dedup();
        let nodes = positions.into_iter().filter_map(|it| self.positions.id(it)).collect();
        self.lost = Some(LostLog { error, nodes });
    }

    fn write_log(&mut self, pending: &Pending) -> LogWritten {
        if pending.log.is_empty() {
            return LogWritten::Whole;
        }
        match self.segment.write(pending.log_start, &pending.log) {
            Ok(()) => LogWritten::Whole,
            Err(error) => {
                self.lose(pending, error);
                LogWritten::NotAtAll
            }
        }
    }

    fn commit(&mut self, batch: &Batch, log: LogWritten) -> rusqlite::Result<()> {
        let connection = &mut self.store.connection;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let key = match &self.run {
            RunRow::There(key) => *key,
            RunRow::ToCome(start) => {
                self.long = known_durations(&transaction)?;
                insert_run(&transaction, start)?
            }
        };
        for chunk in &batch.pending.chunks {
            insert_chunk(&transaction, key, chunk, log)?;
        }
        for (position, node) in &batch.nodes {
            put_node(&transaction, (key, *position), node, &self.positions)?;
            put_duration(&transaction, *position, node, (&self.positions, &mut self.long))?;
        }
        for ((position, number), attempt) in &batch.attempts {
            put_attempt(&transaction, (key, *position, *number), attempt)?;
        }
        let events = &batch.pending.events;
        if !events.bytes.is_empty() {
            let sql = "INSERT INTO event (run, seq, bytes) VALUES (?, ?, ?)";
            let mut insert = transaction.prepare_cached(sql)?;
            insert.execute(params![key, events.first_seq as i64, events.bytes])?;
        }
        update_run(&transaction, key, batch)?;
        transaction.commit()?;
        self.run = RunRow::There(key);
        Ok(())
    }
}

/// Whether the bytes of a commit are in the log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LogWritten {
    Whole,
    NotAtAll,
}

fn known_durations(transaction: &Transaction<'_>) -> rusqlite::Result<FxHashSet<Vec<u8>>> {
    let mut select = transaction.prepare("SELECT node FROM duration")?;
    select.query_map([], |row| row.get(0))?.collect()
}

fn insert_run(transaction: &Transaction<'_>, start: &RunStart) -> rusqlite::Result<i64> {
    let plan = plan_key(transaction, &start.plan)?;
    let (cause, process) = (start.plan.cause(), &start.process);
    transaction.execute(
        "INSERT INTO run (id, plan, started_us, nodes, asked, cause, actor, verb, parent, choices, program, pid,
            pid_started, machine)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            start.id.as_str(),
            plan,
            start.now.0,
            start.plan.nodes().len() as i64,
            start.asked,
            cause.kind,
            cause.actor,
            start.lineage.verb(),
            start.lineage.parent().map(rush_plan::RunId::as_str),
            start.choices,
            start.program,
            process.pid,
            process.started as i64,
            process.machine,
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// The row of a plan, made if no run had it before.
fn plan_key(transaction: &Transaction<'_>, plan: &rush_plan::Plan) -> rusqlite::Result<i64> {
    let digest = plan.digests().content;
    let known = transaction
        .query_row("SELECT key FROM plan WHERE digest = ?", [digest.as_bytes().as_slice()], |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(key) = known {
        return Ok(key);
    }
    transaction.execute(
        "INSERT INTO plan (digest, json) VALUES (?, ?)",
        params![digest.as_bytes().as_slice(), plan.to_json()],
    )?;
    let key = transaction.last_insert_rowid();
    let mut insert =
        transaction.prepare("INSERT INTO place (label, plan, position) VALUES (?, ?, ?)")?;
    for (position, node) in plan.nodes().iter().enumerate() {
        insert.execute(params![node.label(), key, position as i64])?;
    }
    Ok(key)
}

fn insert_chunk(
    transaction: &Transaction<'_>,
    run: i64,
    chunk: &Chunk,
    log: LogWritten,
) -> rusqlite::Result<()> {
    let stream = match chunk.stream {
        LogStream::Stderr => 2,
        LogStream::Stdout | LogStream::Unknown => 1,
    };
    let mut insert = transaction.prepare_cached(
        "INSERT INTO chunk (run, start, length, position, attempt, stream, at_ns, is_lost)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    insert.execute(params![
        run,
        chunk.start as i64,
        chunk.length as i64,
        chunk.position,
        chunk.attempt,
        stream,
        chunk.at_ns as i64,
        log == LogWritten::NotAtAll,
    ])?;
    Ok(())
}

fn put_node(
    transaction: &Transaction<'_>,
    (run, position): (i64, u32),
    node: &NodeDraft,
    positions: &Positions,
) -> rusqlite::Result<()> {
    let mut state = Vec::new();
    encode_state(&mut state, positions, &node.state);
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO node (run, position, state, attempts, ready_ns, started_ns, ended_ns, waited)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    put.execute(params![
        run,
        position,
        state,
        node.attempts,
        node.ready_ns.map(|it| it as i64),
        node.started_ns.map(|it| it as i64),
        node.ended_ns.map(|it| it as i64),
        node.waited,
    ])?;
    Ok(())
}

/// Remembers how long a node took, if that was long or used to be.
fn put_duration(
    transaction: &Transaction<'_>,
    position: u32,
    node: &NodeDraft,
    (positions, long): (&Positions, &mut FxHashSet<Vec<u8>>),
) -> rusqlite::Result<()> {
    let (Some(started), Some(ended)) = (node.started_ns, node.ended_ns) else { return Ok(()) };
    let wall = ended.saturating_sub(started);
    let is_long = wall >= DURATION_NS_MIN;
    let Some(id) = positions.id(position).filter(|_| node.state == NodeState::Succeeded) else {
        return Ok(());
    };
    if !is_long && long.is_empty() {
        return Ok(());
    }
    let id = id.to_string().into_bytes();
    if is_long {
        let sql = "INSERT OR REPLACE INTO duration (node, wall_ns) VALUES (?, ?)";
        transaction.prepare_cached(sql)?.execute(params![id, wall as i64])?;
        long.insert(id);
    } else if long.remove(&id) {
        let sql = "DELETE FROM duration WHERE node = ?";
        transaction.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

fn put_attempt(
    transaction: &Transaction<'_>,
    (run, position, number): (i64, u32, u32),
    attempt: &AttemptDraft,
) -> rusqlite::Result<()> {
    let (end, code) = match &attempt.ended {
        None => (None, None),
        // The most frequent end needs no text.
        Some((_, AttemptEnd::Exited { code })) => (None, Some(*code)),
        Some((_, end)) => (Some(end_text(end)), None),
    };
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO attempt (run, position, number, started_ns, ended_ns, end, code, user_us, system_us,
            memory_bytes_peak, log_start, log_end)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    put.execute(params![
        run,
        position,
        number,
        attempt.started_ns as i64,
        attempt.ended.as_ref().map(|it| it.0 as i64),
        end,
        code,
        attempt.usage.user_us as i64,
        attempt.usage.system_us as i64,
        attempt.usage.memory_bytes_peak.unwrap_or_default() as i64,
        attempt.log.map(|it| it.0 as i64),
        attempt.log.map(|it| it.1 as i64),
    ])?;
    Ok(())
}

fn end_text(end: &AttemptEnd) -> String {
    serde_json::to_string(end).expect("ends have string keys, so they always serialise")
}

fn update_run(transaction: &Transaction<'_>, key: i64, batch: &Batch) -> rusqlite::Result<()> {
    let Some((seq, elapsed)) = batch.pending.last else { return Ok(()) };
    let mut update = transaction
        .prepare_cached("UPDATE run SET seq = ?, elapsed_ns = ?, log_bytes = ? WHERE key = ?")?;
    update.execute(params![seq as i64 + 1, elapsed as i64, batch.log_end as i64, key])?;
    if let Some(cached) = &batch.cached {
        let sql = "UPDATE run SET cached = ? WHERE key = ?";
        transaction.prepare_cached(sql)?.execute(params![cached, key])?;
    }
    if let Some((outcome, counts)) = &batch.pending.end {
        set_end(transaction, key, *outcome, counts)?;
    }
    Ok(())
}

fn set_end(
    transaction: &Transaction<'_>,
    key: i64,
    outcome: RunOutcome,
    counts: &RunCounts,
) -> rusqlite::Result<()> {
    let counts = serde_json::to_string(counts).expect("counts always serialise");
    transaction.execute(
        "UPDATE run SET outcome = ?, counts = ? WHERE key = ?",
        params![outcome.to_string(), counts, key],
    )?;
    Ok(())
}

impl Store {
    /// Takes over a run whose process is gone: what it left unfinished is marked as lost, and the run is this
    /// process's from now on. `false` if another process was faster.
    pub(crate) fn take_over(
        &mut self,
        (key, before): (i64, &ProcessMark),
        now: &ProcessMark,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let lost = AttemptEnd::Lost { message: reason.to_owned() };
        let path = self.path.clone();
        let connection = &mut self.connection;
        let mut take = || -> rusqlite::Result<bool> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let changed = transaction.execute(
                "UPDATE run SET pid = ?, pid_started = ?, machine = ?
                 WHERE key = ? AND outcome IS NULL AND pid = ? AND pid_started = ? AND machine = ?",
                params![
                    now.pid,
                    now.started as i64,
                    now.machine,
                    key,
                    before.pid,
                    before.started as i64,
                    before.machine
                ],
            )?;
            transaction.execute(
                "UPDATE attempt SET end = ?, ended_ns = (SELECT elapsed_ns FROM run WHERE key = attempt.run)
                 WHERE run = ? AND ended_ns IS NULL",
                params![end_text(&lost), key],
            )?;
            if changed == 1 {
                transaction.commit()?;
            }
            Ok(changed == 1)
        };
        take().map_err(|error| StoreError::of_sqlite(path, &error))
    }
}
