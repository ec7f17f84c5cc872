//! `explain`: what is told of a document, for each kind of answer.

mod asking;
mod demo;
pub(crate) mod document;
mod holding;
mod unknown;
