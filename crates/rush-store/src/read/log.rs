//! What tasks wrote, piece by piece, so that no log has to fit into memory.

use rush_plan::LogStream;
use rusqlite::params;

use crate::error::StoreError;
use crate::record::RunRecord;
use crate::segment::SegmentReader;
use crate::store::Store;

/// The largest piece that is handed out at once.
const PIECE_BYTES_MAX: u64 = 256 << 10;

/// A piece of the log of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPiece {
    /// The position of its node in the plan.
    pub position: u32,
    /// Its attempt, from 1; 0 for what an earlier result had written.
    pub attempt: u32,
    /// Where it went.
    pub stream: LogStream,
    /// When, in nanoseconds since the run started.
    pub at_ns: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many bytes are missing behind these, because they could not be written.
    pub missing: u64,
}

/// Which pieces of a log are wanted.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Those from this byte of the log on.
    pub from: u64,
    /// Those of this node only, by its position in the plan.
    pub position: Option<u32>,
    /// Those of this attempt only.
    pub attempt: Option<u32>,
}

struct Row {
    start: u64,
    length: u64,
    position: u32,
    attempt: u32,
    stream: LogStream,
    at_ns: u64,
    is_lost: bool,
}

impl Store {
    /// Hands out the log of a run in the order in which it was written; returns where it ends by now.
    pub fn log(
        &self,
        run: &RunRecord,
        query: &LogQuery,
        mut each: impl FnMut(LogPiece) -> Visit,
    ) -> Result<u64, StoreError> {
        let mut reader = SegmentReader::new(self.log_directory(), &run.id);
        let mut end = query.from;
        // Rows in small groups, so that no reader holds the database for as long as somebody reads.
        loop {
            let rows = self.chunks(run, query, end).map_err(|error| self.failed(&error))?;
            if rows.is_empty() {
                return Ok(end);
            }
            for row in rows {
                end = row.start + row.length;
                if piece(&mut reader, &row, &mut each)? == Visit::Stop {
                    return Ok(end);
                }
            }
        }
    }

    fn chunks(&self, run: &RunRecord, query: &LogQuery, from: u64) -> rusqlite::Result<Vec<Row>> {
        let mut select = self.connection.prepare_cached(
            "SELECT start, length, position, attempt, stream, at_ns, is_lost FROM chunk
             WHERE run = ?1 AND start >= ?2 AND (?3 IS NULL OR position = ?3) AND (?4 IS NULL OR attempt = ?4)
             ORDER BY start LIMIT 1000",
        )?;
        let rows = select.query_map(
            params![run.key, from as i64, query.position, query.attempt],
            |row| {
                Ok(Row {
                    start: row.get::<_, i64>(0)? as u64,
                    length: row.get::<_, i64>(1)? as u64,
                    position: row.get(2)?,
                    attempt: row.get(3)?,
                    stream: match row.get::<_, u8>(4)? {
                        2 => LogStream::Stderr,
                        _ => LogStream::Stdout,
                    },
                    at_ns: row.get::<_, i64>(5)? as u64,
                    is_lost: row.get(6)?,
                })
            },
        )?;
        rows.collect()
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    /// With the next piece.
    Next,
    /// No more.
    Stop,
}

fn piece(
    reader: &mut SegmentReader,
    row: &Row,
    each: &mut impl FnMut(LogPiece) -> Visit,
) -> Result<Visit, StoreError> {
    let of = |bytes, missing| LogPiece {
        position: row.position,
        attempt: row.attempt,
        stream: row.stream,
        at_ns: row.at_ns,
        bytes,
        missing,
    };
    if row.is_lost {
        return Ok(each(of(Vec::new(), row.length)));
    }
    let mut done = 0;
    while done < row.length {
        let wanted = (row.length - done).min(PIECE_BYTES_MAX);
        let bytes = reader.read(row.start + done, wanted as usize)?;
        let is_short = (bytes.len() as u64) < wanted;
        let missing = if is_short { row.length - done - bytes.len() as u64 } else { 0 };
        done += wanted;
        if each(of(bytes, missing)) == Visit::Stop {
            return Ok(Visit::Stop);
        }
        if is_short {
            break;
        }
    }
    Ok(Visit::Next)
}
