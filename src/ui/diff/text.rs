//! A difference for a person: the first line says it.

use std::io::{self, Write};

use super::super::text::{Palette, Tone, hang};
use super::tell::{Page, tell};
use super::words::{Style, Words, answer, totals};
use crate::access::diff::{Difference, Which};

struct TextPage<'p> {
    palette: Palette,
    columns: Option<usize>,
    out: &'p mut dyn Write,
}

/// Writes a difference.
pub(super) fn write(
    difference: Difference,
    is_full: bool,
    palette: Palette,
    columns: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = TextPage { palette, columns, out };
    let words = Words { book: &difference.book, style: Style::Terminal };
    let tone = if difference.is_all_known() { Tone::Strong } else { Tone::Caution };
    let first = answer(&difference);
    let (lead, rest) = first.split_once(['.', ',']).map_or((&*first, ""), |(lead, _)| first.split_at(lead.len() + 1));
    let lead = palette.paint(tone, lead);
    page.line("", 0, &format!("{lead}{rest}"))?;
    writeln!(page.out)?;
    for which in Which::BOTH {
        page.line(&format!("{:<14}", which.name()), 14, &words.document(&difference.sides[which as usize]))?;
    }
    for (label, total) in totals(&difference.counts) {
        page.line(&format!("{label:<14}"), 14, &total)?;
    }
    if difference.counts.written_once > 0 {
        let n = super::super::text::count(difference.counts.written_once, "derived grant", "derived grants");
        let text = format!(
            "{n} of groups that no other group contains in one of the documents: nobody gained or lost by that"
        );
        page.line(&format!("{:<14}", "not counted"), 14, &text)?;
    }
    if !difference.remarks.is_empty() {
        page.chapter("To be known")?;
        difference.remarks.iter().try_for_each(|remark| page.line("  - ", 4, &super::super::plain(&remark.message)))?;
    }
    if !difference.limits.is_empty() {
        page.chapter("Not known")?;
        difference.limits.iter().try_for_each(|limit| page.line("  ? ", 4, &words.limit(limit)))?;
    }
    tell(difference.changes, &words, is_full, &mut page)
}

impl TextPage<'_> {
    fn line(&mut self, label: &str, indent: usize, text: &str) -> io::Result<()> {
        self.out.write_all(hang(label, indent, text, self.columns).as_bytes())
    }
}

const fn tone(mark: char) -> Tone {
    match mark {
        '+' => Tone::Good,
        '-' => Tone::Bad,
        _ => Tone::Caution,
    }
}

impl Page for TextPage<'_> {
    fn chapter(&mut self, heading: &str) -> io::Result<()> {
        let painted = self.palette.paint(Tone::Strong, &format!("{heading}:"));
        writeln!(self.out, "\n{painted}")
    }

    fn entry(&mut self, mark: char, text: &str, follows: &[String]) -> io::Result<()> {
        let mark = self.palette.paint(tone(mark), &mark.to_string());
        self.line(&format!("  {mark} "), 4, text)?;
        follows.iter().try_for_each(|text| self.line("      ", 6, text))
    }

    fn follows(&mut self, mark: char, text: &str) -> io::Result<()> {
        let mark = self.palette.paint(tone(mark), &mark.to_string());
        self.line(&format!("      {mark} "), 8, text)
    }

    fn more(&mut self, entries: u64) -> io::Result<()> {
        let text = format!("and {} more (--full tells all)", super::super::number(entries));
        self.line("    ", 4, &text)
    }
}
