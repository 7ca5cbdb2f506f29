//! The table as it is written at the end of a run: what the run found out, and of the table before whatever is not
//! older.
//!
//! Neither is copied: the rows that are needed of both are numbered anew and written one after the other, so that
//! remembering one result among many takes no memory for the others.

use std::io::{self, Write};

use rush_plan::NodeId;

use super::codec::{Sealing, Writer};
use super::table::{
    Builder, FileId, FileSet, MAGIC, PROGRAMS_MAX, RECORDS_MAX, Record, SetId, Table,
    write_content, write_ids,
};

/// Two tables as one.
pub(super) struct Merged<'a> {
    fresh: &'a Builder,
    before: &'a Table,
    /// For each file of the table before, where it will be; none if nobody needs it.
    files: Vec<Option<FileId>>,
    /// The same for lists.
    sets: Vec<Option<SetId>>,
    files_count: usize,
    sets_count: usize,
    /// By their nodes.
    records: Vec<(NodeId, Row<'a>)>,
}

/// A result, and which table it is of.
#[derive(Clone, Copy)]
enum Row<'a> {
    Fresh(&'a Record),
    Before(&'a Record),
}

impl<'a> Row<'a> {
    const fn record(self) -> &'a Record {
        match self {
            Self::Fresh(record) | Self::Before(record) => record,
        }
    }
}

impl<'a> Merged<'a> {
    /// Joins what a run found out with the table before. What somebody else wrote later than that stays, if it was not
    /// there when the run read the table; a clock that went back makes nothing late.
    pub(super) fn new(fresh: &'a Builder, before: &'a Table, read: &Table) -> Self {
        let mut merged = Self {
            fresh,
            before,
            files: vec![None; before.files.len()],
            sets: vec![None; before.sets.len()],
            files_count: fresh.table().files.len(),
            sets_count: fresh.table().sets.len(),
            records: latest(fresh.table(), before, read),
        };
        merged.number();
        merged
    }

    /// Finds out which rows of the table before are needed, and gives them their places.
    fn number(&mut self) {
        let mut files = vec![false; self.before.files.len()];
        let mut sets = vec![false; self.before.sets.len()];
        mark(&mut files, &self.before.programs);
        for (_, row) in &self.records {
            let Row::Before(record) = row else { continue };
            mark(&mut files, &record.discovered);
            mark(&mut files, &record.outputs);
            mark(&mut sets, record.inputs.as_slice());
        }
        for (set, _) in self.before.sets.iter().zip(&sets).filter(|it| *it.1) {
            mark(&mut files, &set.files);
            mark(&mut files, &set.conditions);
        }
        let mut buffer = Writer::default();
        let rows = self.before.files.iter().zip(&mut self.files).zip(files);
        for (((name, content), place), _) in rows.filter(|it| it.1) {
            let known = self.fresh.find_file(&mut buffer, name, content);
            *place = Some(known.unwrap_or_else(|| take_number(&mut self.files_count)));
        }
        for at in (0..sets.len()).filter(|at| sets.get(*at) == Some(&true)) {
            let set = self.before.sets.get(at).map(|it| self.set(it));
            let known = set.and_then(|it| self.fresh.find_set(&it));
            let number = known.unwrap_or_else(|| take_number(&mut self.sets_count));
            if let Some(place) = self.sets.get_mut(at) {
                *place = Some(number);
            }
        }
    }

    /// Writes the table; the result of `spent` as one that nothing finds.
    pub(super) fn write(&self, out: impl Write, spent: Option<NodeId>) -> io::Result<()> {
        let fresh = self.fresh.table();
        let mut sealing = Sealing::begin(out, MAGIC);
        sealing.writer.count(self.files_count);
        let rows = self.before.files.iter().zip(&self.files);
        let added = rows.filter(|(_, place)| is_added(**place, fresh.files.len()));
        for (name, content) in fresh.files.iter().chain(added.map(|it| it.0)) {
            sealing.writer.bytes(name);
            write_content(&mut sealing.writer, content);
            sealing.pass_on()?;
        }
        sealing.writer.count(self.sets_count);
        for set in &fresh.sets {
            set.write(&mut sealing.writer);
            sealing.pass_on()?;
        }
        let rows = self.before.sets.iter().zip(&self.sets);
        for (set, _) in rows.filter(|(_, place)| is_added(**place, fresh.sets.len())) {
            self.set(set).write(&mut sealing.writer);
            sealing.pass_on()?;
        }
        write_ids(&mut sealing.writer, &self.programs());
        sealing.writer.count(self.records.len());
        for (node, row) in &self.records {
            sealing.writer.bytes(node.to_string().as_bytes());
            match row {
                Row::Fresh(record) => record.write(&mut sealing.writer),
                Row::Before(record) if spent == Some(*node) => {
                    self.record(&record.spent()).write(&mut sealing.writer);
                }
                Row::Before(record) => self.record(record).write(&mut sealing.writer),
            }
            sealing.pass_on()?;
        }
        sealing.end()
    }

    fn programs(&self) -> Vec<FileId> {
        let mut programs = self.fresh.table().programs.clone();
        for program in self.places(&self.before.programs) {
            if programs.len() < PROGRAMS_MAX && !programs.contains(&program) {
                programs.push(program);
            }
        }
        programs
    }

    /// A result of the table before, by the new numbers.
    fn record(&self, record: &Record) -> Record {
        let inputs = record.inputs.and_then(|it| self.sets.get(it as usize).copied().flatten());
        let (discovered, outputs) = (self.places(&record.discovered), self.places(&record.outputs));
        let found = self.places(&record.found);
        Record { inputs, discovered, outputs, found, ..record.clone() }
    }

    fn set(&self, set: &FileSet) -> FileSet {
        let (files, conditions) = (self.places(&set.files), self.places(&set.conditions));
        FileSet { patterns: set.patterns, written: set.written, files, conditions }
    }

    fn places(&self, files: &[FileId]) -> Vec<FileId> {
        files.iter().filter_map(|it| self.files.get(*it as usize).copied().flatten()).collect()
    }
}

/// The latest result of each node, by nodes; the oldest ones go if there are too many.
fn latest<'a>(fresh: &'a Table, before: &'a Table, read: &Table) -> Vec<(NodeId, Row<'a>)> {
    let is_whole = |record: &Record| {
        let files = record.discovered.iter().chain(&record.outputs);
        let has_set = record.inputs.is_none_or(|it| before.sets.get(it as usize).is_some());
        has_set && files.into_iter().all(|it| before.file(*it).is_some())
    };
    let is_later = |node: NodeId, record: &Record, ours: &Record| {
        let is_news = || read.records.get(node).is_none_or(|it| it.here_ms != record.here_ms);
        // An answer makes nothing of what whoever ran a stamp since left there.
        let is_answer = ours.is_stamp && ours.recorded_ms != ours.here_ms;
        (is_answer || record.here_ms > ours.here_ms) && is_news()
    };
    let mut records = Vec::with_capacity(before.records.len().max(fresh.records.len()));
    for (node, record) in before.records.iter() {
        let ours = fresh.records.get(node);
        if ours.is_none_or(|ours| is_later(node, record, ours)) && is_whole(record) {
            records.push((node, Row::Before(record)));
        }
    }
    for (node, record) in fresh.records.iter() {
        let later = before.records.get(node).filter(|it| is_later(node, it, record));
        if !later.is_some_and(is_whole) {
            records.push((node, Row::Fresh(record)));
        }
    }
    if records.len() > RECORDS_MAX {
        let mut times: Vec<u64> = records.iter().map(|it| it.1.record().here_ms).collect();
        times.sort_unstable();
        let oldest = times.get(records.len() - RECORDS_MAX).copied().unwrap_or_default();
        records.retain(|it| it.1.record().here_ms >= oldest);
    }
    records.sort_unstable_by_key(|it| it.0);
    records
}

fn mark(marks: &mut [bool], ids: &[u32]) {
    for id in ids {
        if let Some(mark) = marks.get_mut(*id as usize) {
            *mark = true;
        }
    }
}

/// Whether a row of the table before comes behind the fresh ones, not in place of one that is equal.
fn is_added(place: Option<u32>, fresh: usize) -> bool {
    place.is_some_and(|it| it as usize >= fresh)
}

fn take_number(count: &mut usize) -> u32 {
    let number = *count as u32;
    *count += 1;
    number
}

#[cfg(test)]
mod tests {
    use rush_plan::Digest;

    use super::super::contents::Content;
    use super::super::stamp::{Kind, Stamp};
    use super::super::table::RecordLog;
    use super::*;

    fn node(number: u8) -> NodeId {
        NodeId::parse(&format!("{number:032x}")).expect("these are 32 digits")
    }

    fn content(number: u8) -> Content {
        let stamp = Stamp { kind: Kind::File, size: u64::from(number), ..Stamp::ABSENT };
        Content { stamp, digest: Digest::from_bytes([number; 32]), is_settled: true }
    }

    /// A result of then that read `shared` and wrote a file of its own.
    fn add(to: &mut Builder, number: u8, here_ms: u64, output: u8) {
        let digest = Digest::from_bytes([number; 32]);
        let shared = to.file(b"shared", content(9));
        let patterns = Digest::from_bytes([7; 32]);
        let set = FileSet { patterns, written: None, files: vec![shared], conditions: Vec::new() };
        let inputs = Some(to.set(set));
        let outputs = vec![to.file(format!("out/{number}").as_bytes(), content(output))];
        let record = Record {
            shape: digest,
            dependencies: digest,
            key: digest,
            entry: digest,
            before: None,
            output: digest,
            is_stamp: false,
            recorded_ms: here_ms,
            here_ms,
            touched_ms: 0,
            log: RecordLog::InEntry,
            inputs,
            discovered: Vec::new(),
            outputs,
            found: Vec::new(),
        };
        to.record(node(number), record);
    }

    fn table(results: &[(u8, u64, u8)]) -> Builder {
        let mut builder = Builder::default();
        for (number, here_ms, output) in results {
            add(&mut builder, *number, *here_ms, *output);
        }
        builder
    }

    /// Joins two tables where nothing was read when the run began.
    #[track_caller]
    fn check(ours: &[(u8, u64, u8)], before: &[(u8, u64, u8)], expect: &[(u8, u64, u8)]) {
        check_read(&[], ours, before, expect);
    }

    #[track_caller]
    fn check_read(
        read: &[(u8, u64, u8)],
        ours: &[(u8, u64, u8)],
        before: &[(u8, u64, u8)],
        expect: &[(u8, u64, u8)],
    ) {
        // What the run found out and nobody needs any more is left out by the next run.
        let lost = ours.iter().filter(|it| !expect.contains(it)).count();
        let (ours, before, read) = (table(ours), table(before), table(read));
        let mut bytes = Vec::new();
        let merged = Merged::new(&ours, before.table(), read.table());
        merged.write(&mut bytes, None).expect("memory takes everything");
        let merged = Table::decode(&bytes).expect("what was written can be read");
        assert_eq!(merged.records.len(), expect.len());
        assert_eq!(merged.files.len(), expect.len() + lost + 1, "the shared one is there once");
        assert_eq!(merged.sets.len(), 1);
        for (number, here_ms, output) in expect {
            let record = merged.records.get(node(*number)).expect("it has a result");
            assert_eq!(record.here_ms, *here_ms);
            let outputs: Vec<_> = record.outputs.iter().filter_map(|it| merged.file(*it)).collect();
            let name = format!("out/{number}").into_bytes().into_boxed_slice();
            assert_eq!(outputs, [&(name, content(*output))]);
            let set = &merged.sets[record.inputs.expect("it has a list") as usize];
            let inputs: Vec<_> = set.files.iter().filter_map(|it| merged.file(*it)).collect();
            assert_eq!(inputs, [&(b"shared".to_vec().into_boxed_slice(), content(9))]);
        }
    }

    #[test]
    fn the_later_result_of_a_node_stays_and_rows_nobody_needs_go() {
        check(&[(1, 5, 1)], &[(1, 4, 2), (2, 3, 3)], &[(1, 5, 1), (2, 3, 3)]);
        check(&[(1, 5, 1)], &[(1, 5, 2)], &[(1, 5, 1)]);
        check(&[(1, 5, 1)], &[(1, 6, 2), (3, 1, 1)], &[(1, 6, 2), (3, 1, 1)]);
        check(&[], &[(1, 6, 2), (2, 1, 1)], &[(1, 6, 2), (2, 1, 1)]);
        check(&[(1, 6, 2), (2, 1, 1)], &[], &[(1, 6, 2), (2, 1, 1)]);
    }

    #[test]
    fn a_clock_that_went_back_makes_nothing_late() {
        let future = [(1, 9, 2)];
        check_read(&future, &[(1, 5, 1)], &future, &[(1, 5, 1)]);
        // Another Rush wrote meanwhile.
        check_read(&future, &[(1, 5, 1)], &[(1, 6, 3)], &[(1, 6, 3)]);
        check_read(&future, &[(1, 5, 1)], &[(1, 4, 3)], &[(1, 5, 1)]);
    }

    #[test]
    fn a_table_of_the_former_format_is_read_with_nothing_found() {
        let (ours, before) = (table(&[(1, 5, 1)]), Table::default());
        let mut bytes = Vec::new();
        Merged::new(&ours, &before, &before).write(&mut bytes, None).expect("memory takes it");
        let expect = Table::decode(&bytes).expect("what was written can be read");
        // The last thing before the checksum is how many files were found.
        let end = bytes.len() - 32 - 4;
        let former = Writer(bytes[MAGIC.len()..end].to_vec()).sealed("rush results 2\n");
        assert_eq!(Table::decode(&former), Some(expect));
        let unlike = Writer(bytes[MAGIC.len()..end].to_vec()).sealed(MAGIC);
        assert_eq!(Table::decode(&unlike), None);
    }
}
