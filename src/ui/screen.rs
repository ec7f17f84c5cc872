//! The one way to stderr: what is printed stays, the live lines below it are drawn anew again and again.
//!
//! A window that is made narrower breaks the lines that stand in it. How many rows they take is therefore reckoned for
//! the width that the window has when they are removed, not for the one that they were drawn in.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::text::width;

/// Erases from the cursor to the end of the window.
const ERASE_BELOW: &str = "\u{1b}[J";
/// Erases from the cursor to the end of the line.
const ERASE_REST: &str = "\u{1b}[K";

/// A live line: what is written, and the columns that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    columns: usize,
}

impl Line {
    /// `painted` is `text` with colours.
    pub(super) fn new(text: &str, painted: String) -> Self {
        Self { columns: width(text), text: painted }
    }

    #[cfg(test)]
    pub(super) fn painted(&self) -> &str {
        &self.text
    }
}

/// A terminal, or whatever stderr is.
#[derive(Debug)]
pub(super) struct Screen<W> {
    out: W,
    live: Vec<Line>,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, live: Vec::new() }
    }

    /// Prints whole lines, above the live ones.
    pub(super) fn print(&mut self, text: &str, columns: usize) -> io::Result<()> {
        if self.live.is_empty() {
            return self.out.write_all(text.as_bytes());
        }
        let live = std::mem::take(&mut self.live);
        let mut out = up(&live, columns);
        out.push_str(ERASE_BELOW);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push('\n');
        }
        self.put(out, live)
    }

    /// Draws the live lines; each must fit.
    pub(super) fn draw(&mut self, lines: Vec<Line>, columns: usize) -> io::Result<()> {
        // Over the old ones, not after erasing them: that would flicker.
        let out = up(&self.live, columns);
        self.put(out, lines)
    }

    /// Removes the live lines.
    pub(super) fn clear(&mut self, columns: usize) -> io::Result<()> {
        if self.live.is_empty() {
            return Ok(());
        }
        self.draw(Vec::new(), columns)
    }

    /// In one piece, so that nothing comes between.
    fn put(&mut self, mut out: String, lines: Vec<Line>) -> io::Result<()> {
        for (n, line) in lines.iter().enumerate() {
            let _ = write!(out, "{}{}{ERASE_REST}", if n > 0 { "\n" } else { "" }, line.text);
        }
        out.push_str(ERASE_BELOW);
        self.live = lines;
        self.out.write_all(out.as_bytes())?;
        self.out.flush()
    }
}

/// From the end of the live lines to where they begin.
fn up(lines: &[Line], columns: usize) -> String {
    let rows: usize = lines.iter().map(|line| line.columns.div_ceil(columns.max(1)).max(1)).sum();
    if rows > 1 { format!("\r\u{1b}[{}A", rows - 1) } else { "\r".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::new(text, text.to_owned())
    }

    fn said(screen: &mut Screen<Vec<u8>>) -> String {
        String::from_utf8(std::mem::take(&mut screen.out)).unwrap()
    }

    #[test]
    fn without_live_lines_text_is_all_that_is_written() {
        let mut screen = Screen::new(Vec::new());
        screen.print("a\n", 80).unwrap();
        screen.clear(80).unwrap();
        assert_eq!(said(&mut screen), "a\n");
    }

    #[test]
    fn what_is_printed_stands_above_the_live_lines() {
        let mut screen = Screen::new(Vec::new());
        screen.draw(vec![line("one"), line("two")], 80).unwrap();
        assert_eq!(said(&mut screen), "\rone\u{1b}[K\ntwo\u{1b}[K\u{1b}[J");
        screen.print("a log line\n", 80).unwrap();
        assert_eq!(said(&mut screen), "\r\u{1b}[1A\u{1b}[Ja log line\none\u{1b}[K\ntwo\u{1b}[K\u{1b}[J");
        screen.clear(80).unwrap();
        assert_eq!(said(&mut screen), "\r\u{1b}[1A\u{1b}[J");
        screen.print("b\n", 80).unwrap();
        assert_eq!(said(&mut screen), "b\n");
    }

    #[test]
    fn a_narrower_window_has_broken_the_lines() {
        let mut screen = Screen::new(Vec::new());
        screen.draw(vec![line(&"x".repeat(70)), line(&"y".repeat(41))], 80).unwrap();
        said(&mut screen);
        screen.draw(vec![line("z")], 40).unwrap();
        assert_eq!(said(&mut screen), "\r\u{1b}[3Az\u{1b}[K\u{1b}[J");
    }
}
