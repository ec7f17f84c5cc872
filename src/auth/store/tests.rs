use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};

use super::*;

fn key(client_id: &str, who: &str, profile: Option<&str>) -> Key {
    Key {
        host: "acme.my.salesforce.com".to_owned(),
        client_id: client_id.to_owned(),
        who: who.to_owned(),
        profile: profile.map(str::to_owned),
    }
}

fn write(store: &Store, login: &Login) {
    let key = login.key();
    let lock = store.lock(&key).unwrap();
    store.begin(&key, &lock).unwrap().commit(login).unwrap();
}

fn login(key: &Key) -> Login {
    let mut login = Login::new(key, "https://acme.my.salesforce.com".to_owned());
    login.refresh_token = Some(SecretString::from("canary-refresh"));
    login.scopes = vec!["api".to_owned()];
    login
}

#[test]
fn a_login_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().join("made").join("on demand"));
    let key = key("id", Key::BROWSER, None);
    assert!(store.read(&key).unwrap().is_none() && store.list().unwrap().is_empty());
    write(&store, &login(&key));
    let read = store.read(&key).unwrap().unwrap();
    assert_eq!(read.refresh_token.as_ref().unwrap().expose_secret(), "canary-refresh");
    assert!(read.access_token.is_none() && read.is_of_a_person() && read.scopes == ["api"]);
    assert!(read.logged_in_at.millis() > 0);
    assert!(!format!("{read:?}").contains("canary"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(store.folder()), 0o700);
        for file in fs::read_dir(store.folder()).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    }
    let lock = store.lock(&key).unwrap();
    assert!(store.remove(&key, &lock).unwrap() && !store.remove(&key, &lock).unwrap());
    assert!(store.read(&key).unwrap().is_none());
}

#[test]
fn logins_that_differ_in_case_alone_have_names_that_differ_otherwise() {
    let keys = [
        key("00E", Key::BROWSER, None),
        key("00e", Key::BROWSER, None),
        key("00e", "client-credentials", None),
        key("00e", Key::BROWSER, Some("Prod")),
        key("00e", Key::BROWSER, Some("prod")),
        key("00e", Key::BROWSER, Some("../../etc/passwd")),
        key("00e", Key::BROWSER, Some("con")),
    ];
    let names: BTreeSet<_> = keys.iter().map(|key| key.stem().to_lowercase()).collect();
    assert_eq!(names.len(), keys.len(), "{names:?}");
    for name in names {
        assert!(name.starts_with("login-") && !name.contains(['/', '\\']), "{name}");
    }
}

#[test]
fn a_profile_of_another_org_is_not_taken_for_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned());
    write(&store, &login(&key("one", Key::BROWSER, Some("prod"))));
    assert!(store.read(&key("other", Key::BROWSER, Some("prod"))).unwrap().is_none());
    assert!(store.read(&key("one", Key::BROWSER, Some("prod"))).unwrap().is_some());
    let taken =
        |client_id, who| store.check_name(&key(client_id, who, Some("prod"))).map_err(|error| error.to_string());
    assert!(taken("other", Key::BROWSER).unwrap_err().contains("`prod` is a login at acme"));
    assert!(taken("one", "client-credentials:x").is_err());
    assert_eq!(taken("one", Key::BROWSER), Ok(()));
    // A token that its program gets again by itself gives way.
    let mut unattended = login(&key("one", "client-credentials:x", Some("ci")));
    unattended.refresh_token = None;
    write(&store, &unattended);
    assert!(store.check_name(&key("other", Key::BROWSER, Some("ci"))).is_ok());
}

#[test]
fn a_file_that_is_no_login_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned());
    let key = key("id", Key::BROWSER, None);
    write(&store, &login(&key));
    let path = store.path(&key);
    let text = fs::read_to_string(&path).unwrap();
    for broken in ["", "{", "[]", &text.replace("login/1", "login/2"), &text[..text.len() / 2]] {
        fs::write(&path, broken).unwrap();
        let error = store.read(&key).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()) && !error.contains("canary"), "{error}");
        assert_eq!(store.list().unwrap().len(), 1);
    }
}

#[test]
fn a_lock_keeps_others_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::at(folder.path().to_owned());
    let key = key("id", Key::BROWSER, None);
    let lock = store.lock(&key).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let other = std::thread::spawn({
        let (store, key) = (store.clone(), key.clone());
        move || {
            let _lock = store.lock(&key).unwrap();
            told.try_recv().is_ok()
        }
    });
    tell.send(()).unwrap();
    drop(lock);
    assert!(other.join().unwrap(), "the lock was given twice");
}
