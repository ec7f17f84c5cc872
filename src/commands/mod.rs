//! The commands, a file each.

pub mod check;
mod connect;
#[cfg(feature = "demo")]
pub mod demo_org;
pub mod schema;
pub mod sync;

use crate::failure::Class;

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All is there.
    Complete,
    /// A partial document was written, as asked.
    Partial,
    /// `check` found that a sync would fail for a missing right.
    Lacking,
}

impl ExitStatus {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Partial => Class::DataLoss.code(),
            Self::Lacking => Class::PermissionDenied.code(),
        }
    }
}
