//! `diff`: the real program over documents of orgs that changed.

mod orgs;
mod running;
