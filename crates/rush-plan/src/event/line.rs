//! Events as lines of text.

use super::{EventBody, RunEvent};

/// What a line of an event log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventLine {
    /// An event; parts of it may be `Unknown`.
    Event(Box<RunEvent>),
    /// An event of a version whose outer form this reader does not know.
    Newer(u32),
}

impl RunEvent {
    /// The event as one line, without its line end.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("events have string keys, so they always serialise")
    }

    /// The event as one line, without its line end, for an event of output that travels beside its bytes.
    pub fn to_line_with(&self, bytes: &[u8]) -> String {
        let EventBody::AttemptOutput { stream, .. } = self.body else { return self.to_line() };
        let text = String::from_utf8_lossy(bytes).into_owned();
        Self { body: EventBody::AttemptOutput { stream, text }, ..self.clone() }.to_line()
    }

    /// Reads one line.
    pub fn from_line(line: &str) -> Result<EventLine, serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(line)?;
        if version > Self::VERSION {
            return Ok(EventLine::Newer(version));
        }
        Ok(EventLine::Event(Box::new(serde_json::from_str(line)?)))
    }
}
