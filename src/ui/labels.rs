//! Texts behind labels, in groups.

use super::text::{Palette, Tone, hang};

/// The column of labels; a SHA-256 beside it still fits in 80 columns.
const LABEL: usize = 11;

/// A text that grows label by label.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) out: String,
    pub(super) palette: Palette,
    columns: Option<usize>,
    last: &'static str,
}

impl Labels {
    pub(super) fn new(palette: Palette, columns: Option<usize>) -> Self {
        Self { out: String::new(), palette, columns, last: "" }
    }

    /// The columns beside the labels, where there is an end to them.
    pub(super) fn room(&self) -> Option<usize> {
        self.columns.map(|columns| columns.saturating_sub(LABEL))
    }

    pub(super) fn group(&mut self) {
        self.out.push('\n');
        self.last = "";
    }

    /// A label that stands above already is not repeated.
    pub(super) fn row(&mut self, label: &'static str, tone: Tone, value: &str) {
        let start = if self.last == label { " ".repeat(LABEL) } else { self.label(label, tone) };
        self.last = label;
        self.out.push_str(&hang(&start, LABEL, value, self.columns));
    }

    pub(super) fn label(&self, label: &str, tone: Tone) -> String {
        format!("{}{}", self.palette.paint(tone, label), " ".repeat(LABEL.saturating_sub(label.len())))
    }

    pub(super) fn plain_row(&mut self, label: &'static str, value: &str) {
        self.row(label, Tone::Strong, value);
    }
}
