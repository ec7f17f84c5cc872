//! A difference for a ticket: tables, in which nothing from a document can be markup.

use std::io::{self, Write};

use super::tell::{Page, tell};
use super::words::{Style, Words, answer, totals};
use crate::access::diff::{Difference, Which};

struct MarkdownPage<'p> {
    out: &'p mut dyn Write,
}

/// Writes a difference.
pub(super) fn write(difference: Difference, is_full: bool, out: &mut dyn Write) -> io::Result<()> {
    let words = Words { book: &difference.book, style: Style::Markdown };
    writeln!(out, "**{}**\n\n| | |\n|---|---|", answer(&difference))?;
    for which in Which::BOTH {
        writeln!(out, "| {} | {} |", which.name(), words.document(&difference.sides[which as usize]))?;
    }
    for (label, total) in totals(&difference.counts) {
        writeln!(out, "| {label} | {total} |")?;
    }
    if !difference.remarks.is_empty() {
        writeln!(out, "\n### To be known\n")?;
        difference.remarks.iter().try_for_each(|remark| writeln!(out, "- {}", words.bare(&remark.message)))?;
    }
    if !difference.limits.is_empty() {
        writeln!(out, "\n### Not known\n")?;
        difference.limits.iter().try_for_each(|limit| writeln!(out, "- {}", words.limit(limit)))?;
    }
    tell(difference.changes, &words, is_full, &mut MarkdownPage { out })
}

const fn word(mark: char) -> &'static str {
    match mark {
        '+' => "added",
        '-' => "removed",
        _ => "changed",
    }
}

impl Page for MarkdownPage<'_> {
    fn chapter(&mut self, heading: &str) -> io::Result<()> {
        writeln!(self.out, "\n### {heading}\n\n| | |\n|---|---|")
    }

    fn entry(&mut self, mark: char, text: &str, follows: &[String]) -> io::Result<()> {
        write!(self.out, "| {} | {text}", word(mark))?;
        follows.iter().try_for_each(|text| write!(self.out, "<br>{text}"))?;
        writeln!(self.out, " |")
    }

    fn follows(&mut self, mark: char, text: &str) -> io::Result<()> {
        writeln!(self.out, "| \u{21b3} {} | {text} |", word(mark))
    }

    fn more(&mut self, entries: u64) -> io::Result<()> {
        writeln!(self.out, "| | and {} more |", super::super::number(entries))
    }
}
