//! Why a login with a browser came to nothing.

use std::io;
use std::time::Duration;

use crate::time::limit;

/// What goes wrong between this program, a browser and a person.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The person said no.
    #[error("the login was declined on Salesforce's page")]
    Declined,
    /// Nobody came back.
    #[error("nobody logged in within {}", limit(*.0))]
    TimedOut(Duration),
    /// Another program has the port.
    #[error("port {port} of this machine, where the browser is to come back to, is taken by {}", .holder.as_deref().unwrap_or("another program"))]
    Busy {
        /// The port.
        port: u16,
        /// The program that has it, where the system tells.
        holder: Option<String>,
    },
    /// The port cannot be had for another reason.
    #[error("cannot listen on port {port} of this machine, where the browser is to come back to: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The callback is on another machine.
    #[error("the callback `{0}` is not on this machine, so nothing here can wait for the browser to come back")]
    Elsewhere(String),
    /// What was pasted is neither an address with a code nor a code.
    #[error("what was pasted is neither the address that the browser ended at nor the code in it")]
    NotPasted,
    /// What was pasted belongs to another attempt.
    #[error("what was pasted belongs to another login: its `state` is not the one of this attempt")]
    OtherLogin,
    /// Nothing was pasted.
    #[error("nothing was pasted: the input ended")]
    NoInput,
}
