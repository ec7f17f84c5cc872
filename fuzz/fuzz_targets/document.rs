//! Any bytes as a document, in each format and compression: read to its end, or to an error that is not endless.
#![no_main]

use baton_salesforce::output::read::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut reader) = Reader::of(bytes) else { return };
    loop {
        match reader.next_part() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                let _ = error.to_string();
                break;
            }
        }
    }
});
