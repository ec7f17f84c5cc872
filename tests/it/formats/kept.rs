//! Earlier syncs that a `.c1z` file keeps.

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use rusqlite::Connection;

use super::{convert, database};
use crate::support::{Demo, Run};

fn syncs(database: &Connection) -> Vec<String> {
    let mut statement = database.prepare("SELECT sync_id FROM v1_sync_runs ORDER BY ended_at DESC, id").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A run into the same file.
#[track_caller]
fn sync(demo: &Demo, folder: &std::path::Path, more: &[&str]) -> Vec<String> {
    let file = folder.join("x.c1z");
    let ran = demo.run().arg("-f").arg(&file).args(more).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    syncs(&database(&file).0)
}

#[test]
fn a_file_keeps_as_many_earlier_syncs_as_it_is_told() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let folder = tempfile::tempdir().unwrap();
    let first = sync(&demo, folder.path(), &[]);
    assert_eq!(first.len(), 1);
    let second = sync(&demo, folder.path(), &[]);
    assert!(second.len() == 2 && second.contains(&first[0]));
    let third = sync(&demo, folder.path(), &["--keep", "2"]);
    assert!(third.len() == 3 && second.iter().all(|sync| third.contains(sync)));
    let newest = third.iter().find(|sync| !second.contains(sync)).unwrap();

    // Each of them is there as a whole, and the latest is what is read.
    for sync in &third {
        convert(folder.path(), "x.c1z", "one.json", &["--sync-id", sync]);
        let document = crate::support::Document::read(&folder.path().join("one.json"));
        assert_eq!(document.0["sync"]["id"], **sync);
    }
    convert(folder.path(), "x.c1z", "one.json", &[]);
    assert_eq!(crate::support::Document::read(&folder.path().join("one.json")).0["sync"]["id"], **newest);
    let ran =
        Run::new().args(["convert", "--sync-id", "nobody"]).arg(folder.path().join("x.c1z")).arg("y.json").output();
    ran.failed(5, &["has no sync `nobody`", &third[0], &third[2]]);

    assert_eq!(sync(&demo, folder.path(), &["--keep", "0"]).len(), 1);
}

#[test]
fn syncs_of_another_org_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    sync(&demo, folder.path(), &[]);
    convert(folder.path(), "x.c1z", "x.json", &[]);
    let text = std::fs::read_to_string(folder.path().join("x.json")).unwrap();
    let other = text.replacen("\"org\":{\"id\":\"00D5f0000", "\"org\":{\"id\":\"00D9z0000", 1);
    assert_ne!(text, other);
    std::fs::write(folder.path().join("x.json"), other).unwrap();
    convert(folder.path(), "x.json", "x.c1z", &[]);
    let ran = demo.run().arg("-f").arg(folder.path().join("x.c1z")).output();
    ran.failed(9, &["is a document of another org"]);
    assert_eq!(sync(&demo, folder.path(), &["--force"]).len(), 1);
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_a_sync() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let folder = tempfile::tempdir().unwrap();
    sync(&demo, folder.path(), &[]);
    let file = folder.path().join("x.c1z");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&file, bytes).unwrap();
    demo.run().arg("-f").arg(&file).output().failed(9, &["is not a document of this program"]);
    assert_eq!(sync(&demo, folder.path(), &["--force"]).len(), 1);
    std::fs::write(&file, "").unwrap();
    assert_eq!(sync(&demo, folder.path(), &[]).len(), 1);
}

#[test]
fn two_syncs_of_one_file_are_compared() {
    let mut org = Org::generate(Shape::Small, 1);
    let folder = tempfile::tempdir().unwrap();
    let first = sync(&Demo::start(org.clone(), ServerOptions::default()), folder.path(), &[]);
    let user = org.records("User").iter().find(|user| user["IsActive"] == true).unwrap()["Id"].clone();
    org.update("User", user.as_str().unwrap(), "Title", serde_json::json!("Chief of Tests")).unwrap();
    let file = folder.path().join("x.c1z");
    let ran = Demo::start(org, ServerOptions::default()).run().arg("-f").arg(&file).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let diff = |more: &[&str]| Run::new().arg("diff").args([&file, &file]).args(more).arg("--exit-code").output();
    assert_eq!(diff(&[]).code(), 0);
    let ran = diff(&["--old-sync-id", &first[0]]);
    assert!(ran.code() == 20 && ran.stdout().contains("Chief of Tests"), "{}{}", ran.stdout(), ran.stderr());
}

#[test]
fn earlier_syncs_go_first_when_a_file_nears_what_the_tools_read() {
    use baton_salesforce::output::read::Reader;
    use baton_salesforce::output::{self, Earlier, Form, Format};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.c1z");
    let write = |document: &[u8], most: Option<u64>| {
        let mut bytes = Vec::new();
        let earlier = most.map(|most| Earlier { most, ..Earlier::of(file.clone(), 1) });
        let mut sink = output::sink(&mut bytes, Format { form: Form::C1z, compression: None }, earlier).unwrap();
        let mut reader = Reader::of(document).unwrap();
        while let Some(item) = reader.next_item().unwrap() {
            sink.item(item.section, item.text).unwrap();
        }
        sink.finish().unwrap();
        bytes
    };
    let first = super::small();
    let second =
        String::from_utf8(first.clone()).unwrap().replace("3MZtQNAUZIE4VHiBRfxdM2ESj4N", "3MZtQNAUZIE4VHiBRfxdM2ESj4O");
    std::fs::write(&file, write(&first, None)).unwrap();
    for (most, kept) in [(1 << 30, 2), (100_000, 1)] {
        let both = folder.path().join("both.c1z");
        std::fs::write(&both, write(second.as_bytes(), Some(most))).unwrap();
        assert_eq!(syncs(&database(&both).0).len(), kept, "{most}");
    }
}
