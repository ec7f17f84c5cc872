//! The real program against the demo org.
