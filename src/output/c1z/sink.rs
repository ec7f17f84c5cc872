//! Writes a `.c1z` document.

use std::io::{self, Seek, Write};

use super::database::{Database, Ended, Run};
use super::keep::Earlier;
use super::rows::{Row, Rows};
use super::schema::{FORMAT_PART, MAGIC};
use crate::model::document::FORMAT;
use crate::output::compress::Compressor;
use crate::output::read::{Header, Summary};
use crate::output::{Section, Sink};

/// The `baton` CLI unpacks so much at most, unless a variable of its own says more.
pub(super) const CLI_LIMIT: u64 = 3 << 30;
/// A little below it: what is in a file when the CLI writes it again takes more room.
pub(super) const NEAR_CLI_LIMIT: u64 = CLI_LIMIT / 30 * 29;

/// Writes a document as a `.c1z` file. All goes to a database on disk first; the target gets it at the end.
pub(in crate::output) struct C1zSink<'w> {
    writer: Compressor<'w>,
    earlier: Option<Earlier>,
    rows: Rows,
    database: Option<Database>,
    ended: Option<Ended>,
    org: Option<String>,
}

impl<'w> C1zSink<'w> {
    pub(in crate::output) fn new(writer: Compressor<'w>, earlier: Option<Earlier>) -> io::Result<Self> {
        Ok(Self { writer, earlier, rows: Rows::new()?, database: None, ended: None, org: None })
    }

    fn begin(&mut self, text: &[u8]) -> io::Result<Vec<Row>> {
        let header: Header = serde_json::from_slice(text)?;
        self.org = header.org.map(|org| org.id);
        self.database = Some(Database::new(Run { id: header.id, started_at: time(&header.started_at)? })?);
        Ok(vec![Row::Part { part: FORMAT_PART, data: FORMAT.into() }, Rows::part(Section::Header, text)])
    }

    fn end(&mut self, text: &[u8]) -> io::Result<Vec<Row>> {
        let summary: Summary = serde_json::from_slice(text)?;
        let at = summary.ended_at.as_deref().map(time).transpose()?;
        // What is not whole must not be what the tools look at first.
        let sync_type = if summary.complete == Some(false) { "partial" } else { "full" };
        self.ended = Some(Ended { at, sync_type, org: self.org.take() });
        Ok(vec![Rows::part(Section::Summary, text)])
    }
}

impl Sink for C1zSink<'_> {
    fn item(&mut self, section: Section, text: &[u8]) -> io::Result<()> {
        let rows = match section {
            Section::Header => self.begin(text)?,
            Section::ResourceType => vec![self.rows.resource_type(text)?],
            Section::Resource => vec![self.rows.resource(text)?],
            Section::Entitlement => vec![self.rows.entitlement(text)?],
            Section::Grant => vec![self.rows.grant(text)?],
            Section::Inactive => vec![Rows::part(section, text)],
            Section::Summary => self.end(text)?,
        };
        let Some(database) = &mut self.database else { return Err(io::ErrorKind::InvalidInput.into()) };
        rows.into_iter().try_for_each(|row| database.push(row))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let (Some(database), Some(ended)) = (self.database.take(), &self.ended) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        let (mut file, _path) = database.filled()?.finish(ended, self.earlier.as_ref())?;
        let length = file.seek(io::SeekFrom::End(0))?;
        file.rewind()?;
        if length > NEAR_CLI_LIMIT {
            tracing::warn!(
                "the document takes {} MB unpacked; the `baton` CLI reads it where BATON_DECODER_MAX_DECODED_SIZE_MB \
                 allows that",
                length >> 20
            );
        }
        self.writer.write_all(MAGIC)?;
        // Fastest level: what is slower hardly makes it smaller. One frame, its length told, a checksum at its end.
        let mut encoder = zstd::Encoder::new(&mut self.writer, 1)?;
        encoder.set_pledged_src_size(Some(length))?;
        encoder.include_contentsize(true)?;
        encoder.include_checksum(true)?;
        encoder.multithread(2)?;
        io::copy(&mut file, &mut encoder)?;
        encoder.finish()?;
        self.writer.finish()
    }
}

/// A time as the Baton tools write it, in UTC.
fn time(text: &str) -> io::Result<String> {
    let time: jiff::Timestamp = text.parse().map_err(io::Error::other)?;
    Ok(time.strftime("%Y-%m-%d %H:%M:%S%.f").to_string())
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_in_the_form_of_the_tools() {
        for (text, as_written) in [
            ("2026-11-25T01:02:03Z", "2026-11-25 01:02:03"),
            ("2026-11-25T01:02:03.120Z", "2026-11-25 01:02:03.12"),
            ("2026-11-25T01:02:03+02:00", "2026-11-24 23:02:03"),
        ] {
            assert_eq!(time(text).unwrap(), as_written);
        }
        assert!(time("yesterday").is_err());
    }
}
