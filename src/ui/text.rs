//! Text for a terminal: harmless, measured in columns, wrapped, cut and painted.

use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::harmless;

/// What a colour says; each is said in words too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Complete.
    Good,
    /// To be looked at.
    Caution,
    /// Incomplete, or an error.
    Bad,
    /// What to do.
    Hint,
    /// A heading.
    Strong,
}

/// Whether there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Palette(pub(super) bool);

impl Palette {
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.0 || text.is_empty() {
            return text.to_owned();
        }
        let colour = |colour: AnsiColor| colour.on_default().bold();
        let style = match tone {
            Tone::Good => colour(AnsiColor::Green),
            Tone::Caution => colour(AnsiColor::Yellow),
            Tone::Bad => colour(AnsiColor::Red),
            Tone::Hint => colour(AnsiColor::Cyan),
            Tone::Strong => Style::new().bold(),
        };
        format!("{style}{text}{style:#}")
    }
}

/// Text from elsewhere (names, error messages) without what could take over a terminal or turn its lines around.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).filter(|c| harmless::is_harmless(*c)).collect()
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text in no more than `columns`, its end cut off where it is longer.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut left = columns.saturating_sub(1);
    for c in text.chars() {
        let Some(rest) = left.checked_sub(c.width().unwrap_or_default()) else { break };
        left = rest;
        out.push(c);
    }
    if columns > 0 {
        out.push('\u{2026}');
    }
    out
}

/// A text in exactly `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut out = fit(text, columns);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&out))));
    out
}

/// Breaks a text between words into lines of no more than `columns`. A word that is longer has a line of its own: a
/// path or a checksum must be good for copying.
pub(super) fn wrap(text: &str, columns: Option<usize>) -> Vec<String> {
    let Some(columns) = columns else { return vec![text.to_owned()] };
    let mut lines = Vec::new();
    let words = text.trim_start_matches(' ');
    // Numbers in a column begin with blanks.
    let mut line = " ".repeat(text.len() - words.len());
    for word in words.split(' ') {
        if !line.trim_start().is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.trim_start().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Keeps two words on one line; only [`hang`] undoes it.
pub(super) const GLUE: char = '\u{a0}';

/// A text behind a label of `indent` columns; further lines start where the text does, as far as there is room for it.
pub(super) fn hang(label: &str, indent: usize, text: &str, columns: Option<usize>) -> String {
    hang_glued(label, indent, text, columns).replace(GLUE, " ")
}

fn hang_glued(label: &str, indent: usize, text: &str, columns: Option<usize>) -> String {
    let room = columns.map(|columns| columns.saturating_sub(indent));
    // In a very narrow terminal the text stands below its label instead.
    if let Some(columns) = columns.filter(|columns| *columns < indent + 20) {
        let below = wrap(text, Some(columns.saturating_sub(2))).join("\n  ");
        let label = label.trim_end();
        return if label.is_empty() { format!("  {below}\n") } else { format!("{label}\n  {below}\n") };
    }
    let lines = wrap(text, room);
    let margin = " ".repeat(indent);
    format!("{label}{}\n", lines.join(&format!("\n{margin}")))
}

/// `1234567` → `1,234,567`
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `1 page`, `2 pages`
pub(super) fn count(number_of: u64, one: &str, more: &str) -> String {
    format!("{} {}", number(number_of), if number_of == 1 { one } else { more })
}

/// As many names as there is room for; of the others, how many.
pub(super) fn names(names: &[&str], columns: usize) -> String {
    for shown in (1..=names.len()).rev() {
        let more = names.len() - shown;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let text = names[..shown].join(", ") + &more;
        if width(&text) <= columns {
            return text;
        }
    }
    count(names.len() as u64, "object", "objects")
}

/// `0.4 s`, `18 s`, `3 min 05 s`, `2 h 07 min`
pub(super) fn span(time: Duration) -> String {
    if time < Duration::from_millis(9_950) {
        return format!("{:.1} s", time.as_secs_f64());
    }
    match (time + Duration::from_millis(500)).as_secs() {
        whole @ 0..60 => format!("{whole} s"),
        whole @ 60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        whole => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_take_over_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\nd\u{7}"), "a[2Jbc d");
        assert_eq!(plain("O'Brien \"X\" \u{202e}gnp.exe\u{2066}\u{2028}\u{9b}31m"), "O'Brien \"X\" gnp.exe31m");
        assert_eq!(plain("\u{14c}kubo 大久保"), "Ōkubo 大久保");
    }

    #[test]
    fn texts_are_measured_in_columns() {
        assert_eq!(fit("大久保", 6), "大久保");
        assert_eq!(fit("大久保", 5), "大久…");
        assert_eq!(fit("大久保", 4), "大…");
        assert_eq!(fit("abc", 0), "");
        assert_eq!(pad("大", 4), "大  ");
        assert_eq!(pad("abcdef", 4), "abc…");
    }

    #[test]
    fn long_texts_hang_from_their_label() {
        assert_eq!(wrap("one two three", Some(8)), ["one two", "three"]);
        assert_eq!(wrap("  1 two three", Some(8)), ["  1 two", "three"]);
        assert_eq!(wrap("one two three", None), ["one two three"]);
        assert_eq!(wrap("a 0123456789abcdef b", Some(8)), ["a", "0123456789abcdef", "b"]);
        assert_eq!(wrap("大久保 大久保", Some(8)), ["大久保", "大久保"]);
        assert_eq!(hang("do:   ", 6, "give the user this right", Some(26)), "do:   give the user this\n      right\n");
        assert_eq!(hang("x  ", 3, "one two three\u{a0}4", Some(24)), "x  one two three 4\n");
        assert_eq!(hang("x  ", 3, "one two three four five\u{a0}6", Some(27)), "x  one two three four\n   five 6\n");
        assert_eq!(hang("read by  ", 9, "a b", Some(20)), "read by\n  a b\n");
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_234_567), "1.2 MB");
        assert_eq!(count(1, "page", "pages"), "1 page");
        let spans = [0.04, 9.94, 9.96, 59.4, 59.6, 185.0, 7620.0].map(|seconds| span(Duration::from_secs_f64(seconds)));
        assert_eq!(spans, ["0.0 s", "9.9 s", "10 s", "59 s", "1 min 00 s", "3 min 05 s", "2 h 07 min"]);
    }

    #[test]
    fn as_many_names_as_fit() {
        let all = ["User", "GroupMember", "Profile"];
        assert_eq!(names(&all, 80), "User, GroupMember, Profile");
        assert_eq!(names(&all, 25), "User and 2 more");
        assert_eq!(names(&all, 5), "3 objects");
        assert_eq!(names(&[], 5), "0 objects");
    }

    #[test]
    fn without_colours_nothing_is_painted() {
        assert_eq!(Palette(false).paint(Tone::Bad, "error"), "error");
        assert_eq!(Palette(true).paint(Tone::Bad, ""), "");
        assert!(Palette(true).paint(Tone::Bad, "error").starts_with('\u{1b}'));
    }
}
