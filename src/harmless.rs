//! Text from elsewhere, made harmless before it is shown: it neither takes over a terminal nor makes a line that looks
//! like one of ours.

use std::borrow::Cow;
use std::fmt::Write;
use std::io;

/// No text from elsewhere is shown in more characters.
pub(crate) const LONGEST: usize = 2000;

/// Whether a character does no more than stand there. Not: controls, what turns the direction of a line around, what is
/// not seen, and other ends of lines.
pub(crate) fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text that is not longer than any that is shown.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}\u{2026}", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The same JSON, with all that is not harmless as `\u…`: a program reads what it read before. It may hold line ends
/// between its values.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let is_fine = |c: char| c == '\n' || is_harmless(c);
    if text.chars().all(is_fine) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        if is_fine(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A String takes all that is written.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(out)
}

/// Writes JSON so. Whole characters must come at a time, as the writers of JSON hand them over.
#[derive(Debug)]
pub(crate) struct Json<W>(pub(crate) W);

impl<W: io::Write> io::Write for Json<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Most of it is plain.
        if !bytes.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
            self.0.write_all(json(&String::from_utf8_lossy(bytes)).as_bytes())?;
            return Ok(bytes.len());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A line of the log without what could do harm; with its own colours, where it has them. What looks like a colour in
/// somebody's text is gone before: the log escapes it.
pub(crate) fn log_line(line: &str, has_colours: bool) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.trim_end_matches('\n');
    while let Some(c) = rest.chars().next() {
        let colour = rest.strip_prefix("\u{1b}[").filter(|_| has_colours).and_then(|after| {
            let end = after.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            after[end..].starts_with('m').then_some(2 + end + 1)
        });
        let length = colour.unwrap_or(c.len_utf8());
        if colour.is_some() || is_harmless(c) {
            out.push_str(&rest[..length]);
        } else if matches!(c, '\n' | '\t') {
            out.push(' ');
        }
        rest = &rest[length..];
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BAD: &str = "a\u{1b}[2J\u{9b}31m\u{202e}b\r\nerror: c\u{e0041}\u{2028}\u{0}\u{7f}";

    #[test]
    fn json_says_the_same() {
        let value = serde_json::json!({"name": BAD, "list": [BAD]});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let safe = json(&text);
        assert!(safe.chars().all(|c| c == '\n' || is_harmless(c)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        assert!(matches!(json("{\"a\":\"Ōkubo 大久保\"}\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_line_of_the_log_is_one_line() {
        assert_eq!(log_line(&format!("{BAD}\n"), false), "a[2J31mb error: c\n");
        assert_eq!(log_line("\u{1b}[32mINFO\u{1b}[0m x\u{1b}[2J\u{1b}\n", true), "\u{1b}[32mINFO\u{1b}[0m x[2J\n");
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        assert_eq!(short("大").len(), 3);
        let long = "大".repeat(LONGEST + 1);
        assert_eq!(short(&long).chars().count(), LONGEST + 1);
        assert_eq!(short(&long[..long.len() - 3]).chars().count(), LONGEST);
    }

    proptest! {
        #[test]
        fn any_text_becomes_harmless(text in any::<String>(), has_colours in any::<bool>()) {
            let line = log_line(&text, has_colours);
            prop_assert_eq!(line.matches('\n').count(), 1);
            prop_assert!(has_colours || line.trim_end_matches('\n').chars().all(is_harmless));
            let json_text = serde_json::to_string(&text).unwrap();
            let safe = json(&json_text);
            prop_assert!(safe.chars().all(is_harmless));
            prop_assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        }
    }
}
