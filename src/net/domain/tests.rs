use super::*;

/// What is pasted, and the origin that it means.
pub(super) const ACCEPTED: &[(&str, &str)] = &[
    // Names.
    ("acme", "https://acme.my.salesforce.com"),
    (" ACME\n", "https://acme.my.salesforce.com"),
    ("acme/", "https://acme.my.salesforce.com"),
    ("\"acme\"", "https://acme.my.salesforce.com"),
    ("3m", "https://3m.my.salesforce.com"),
    ("acme-lightning", "https://acme-lightning.my.salesforce.com"),
    ("salesforce", "https://salesforce.my.salesforce.com"),
    ("my", "https://my.my.salesforce.com"),
    ("sandbox", "https://sandbox.my.salesforce.com"),
    ("acme--uat", "https://acme--uat.sandbox.my.salesforce.com"),
    ("acme--uat.sandbox", "https://acme--uat.sandbox.my.salesforce.com"),
    ("acme-dev-ed.develop", "https://acme-dev-ed.develop.my.salesforce.com"),
    ("acme.my", "https://acme.my.salesforce.com"),
    ("login", "https://login.salesforce.com"),
    ("test", "https://test.salesforce.com"),
    // API hosts.
    ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
    (" ACME.My.SalesForce.com ", "https://acme.my.salesforce.com"),
    ("acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
    ("acme.my.salesforce.com.", "https://acme.my.salesforce.com"),
    ("https://acme.my.salesforce.com./x", "https://acme.my.salesforce.com"),
    ("acme.my.salesforce.com:443", "https://acme.my.salesforce.com"),
    ("https://acme.my.salesforce.com:8443/home/home.jsp", "https://acme.my.salesforce.com"),
    ("HTTPS://acme.my.salesforce.com/?ec=302&startURL=https://evil.example/@x\\y", "https://acme.my.salesforce.com"),
    ("//acme.my.salesforce.com/001", "https://acme.my.salesforce.com"),
    ("<https://acme.my.salesforce.com>", "https://acme.my.salesforce.com"),
    ("https://acme.my.salesforce.com/Überblick#ß", "https://acme.my.salesforce.com"),
    ("https://acme-lightning.my.salesforce.com", "https://acme-lightning.my.salesforce.com"),
    ("acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ("acme-dev-ed.develop.my.salesforce.com/x?y#z", "https://acme-dev-ed.develop.my.salesforce.com"),
    ("app-energy-1234-dev-ed.scratch.my.salesforce.com", "https://app-energy-1234-dev-ed.scratch.my.salesforce.com"),
    ("acme.demo.my.salesforce.com", "https://acme.demo.my.salesforce.com"),
    ("acme.patch.my.salesforce.com", "https://acme.patch.my.salesforce.com"),
    ("acme.trailblaze.my.salesforce.com", "https://acme.trailblaze.my.salesforce.com"),
    ("acme.free.my.salesforce.com", "https://acme.free.my.salesforce.com"),
    ("acme--uat.cs12.my.salesforce.com", "https://acme--uat.cs12.my.salesforce.com"),
    ("na123.my.salesforce.com", "https://na123.my.salesforce.com"),
    ("acme.my.pc-rnd.salesforce.com", "https://acme.my.pc-rnd.salesforce.com"),
    ("acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
    ("acme.my.sfcrmproducts.cn", "https://acme.my.sfcrmproducts.cn"),
    ("acme.my-salesforce.com", "https://acme.my-salesforce.com"),
    ("login.salesforce.com", "https://login.salesforce.com"),
    ("https://test.salesforce.com/?locale=de", "https://test.salesforce.com"),
    ("https://login.sfcrmproducts.cn/", "https://login.sfcrmproducts.cn"),
    // Lightning.
    ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com"),
    ("https://acme-lightning.lightning.force.com/", "https://acme-lightning.my.salesforce.com"),
    ("https://lightning.lightning.force.com/", "https://lightning.my.salesforce.com"),
    ("acme--uat.sandbox.lightning.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ("https://acme-dev-ed.develop.lightning.force.com/one/one.app", "https://acme-dev-ed.develop.my.salesforce.com"),
    ("https://acme.trailblaze.lightning.force.com/x", "https://acme.trailblaze.my.salesforce.com"),
    ("https://acme.lightning.pc-rnd.force.com/x", "https://acme.my.pc-rnd.salesforce.com"),
    ("https://acme.lightning.crmforce.mil/x", "https://acme.my.salesforce.mil"),
    ("https://acme--uat.sandbox.lightning.crmforce.mil", "https://acme--uat.sandbox.my.salesforce.mil"),
    ("https://acme.lightning.sfcrmapps.cn/x", "https://acme.my.sfcrmproducts.cn"),
    ("https://acme.my-lightning.com/x", "https://acme.my-salesforce.com"),
    ("https://acme.lightning.force.com.mcas.ms/lightning", "https://acme.my.salesforce.com"),
    ("acme--uat.sandbox.my.salesforce.com.mcas.ms", "https://acme--uat.sandbox.my.salesforce.com"),
    ("acme.my.salesforce.com.mcas-gov.us", "https://acme.my.salesforce.com"),
    // Setup.
    ("https://acme.my.salesforce-setup.com/lightning/setup/SetupOneHome/home", "https://acme.my.salesforce.com"),
    ("https://acme.trailblaze.my.salesforce-setup.com/", "https://acme.trailblaze.my.salesforce.com"),
    ("https://acme--uat.sandbox.my.salesforce-setup.com/", "https://acme--uat.sandbox.my.salesforce.com"),
    ("acme.salesforce-setup.com", "https://acme.my.salesforce.com"),
    // Visualforce and Lightning containers.
    ("https://acme--c.vf.force.com/apex/page", "https://acme.my.salesforce.com"),
    ("https://mycompany--uat.vf.force.com", "https://mycompany.my.salesforce.com"),
    ("https://acme--uat--c.sandbox.vf.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ("https://acme--uat--my-pkg.sandbox.vf.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ("https://acme--uat.sandbox.vf.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ("https://acme-dev-ed--c.scratch.vf.force.com", "https://acme-dev-ed.scratch.my.salesforce.com"),
    ("https://acme--c.visualforce.com", "https://acme.my.salesforce.com"),
    ("https://acme--c.na123.visual.force.com/apex/x", "https://acme.my.salesforce.com"),
    ("https://acme--uat--c.cs12.visual.force.com/apex/x", "https://acme--uat.sandbox.my.salesforce.com"),
    ("https://acme--pkg.container.force.com", "https://acme.my.salesforce.com"),
    ("https://acme--pkg.container.lightning.com", "https://acme.my.salesforce.com"),
    // Files, sites, Experience Cloud.
    ("https://acme.file.force.com/sfc/servlet.shepherd", "https://acme.my.salesforce.com"),
    ("https://acme.patch.file.force.com", "https://acme.patch.my.salesforce.com"),
    ("https://acme--c.documentforce.com", "https://acme.my.salesforce.com"),
    ("https://acme--c.na123.content.force.com", "https://acme.my.salesforce.com"),
    ("https://acme.my.site.com/help/s/", "https://acme.my.salesforce.com"),
    ("https://acme--uat.sandbox.my.site.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ("https://acme.builder.salesforce-experience.com/x", "https://acme.my.salesforce.com"),
    ("https://acme.my.salesforce-sites.com/x", "https://acme.my.salesforce.com"),
    // This machine.
    ("http://127.0.0.1:8080/services", "http://127.0.0.1:8080"),
    ("127.0.0.1:8080", "http://127.0.0.1:8080"),
    ("http://localhost:443", "http://localhost:443"),
    ("LOCALHOST:8080", "http://localhost:8080"),
    ("localhost", "http://localhost"),
    ("https://localhost:8443", "https://localhost:8443"),
    ("http://[::1]:8080", "http://[::1]:8080"),
];

/// What is refused, and a word of the reason.
pub(super) const REFUSED: &[(&str, &str)] = &[
    ("", "empty"),
    (" \u{feff}\"\" ", "empty"),
    ("https://", "neither"),
    ("https:///acme.my.salesforce.com", "neither"),
    ("a b?sid=secret", "neither"),
    ("acme_x", "neither"),
    ("-acme", "neither"),
    ("acme..my.salesforce.com", "neither"),
    ("acme.my.salesforce.com:99999", "neither"),
    ("acme.my.salesforce.com:x", "neither"),
    ("https:acme.my.salesforce.com", "neither"),
    ("acme\t.my.salesforce.com", "neither"),
    ("https://acme.my.salesforce.com\\@evil.example", "user name"),
    ("https://evil.example\\.my.salesforce.com", "neither"),
    ("https://acme.my.salesforce.com@evil.example/", "user name"),
    ("https://evil.example@acme.my.salesforce.com/", "user name"),
    ("https://me:secret@acme.my.salesforce.com/", "user name"),
    ("https://@acme.my.salesforce.com/", "user name"),
    ("https://acme.my.ѕalesforce.com", "plain letters"),
    ("https://ａcme.my.salesforce.com", "plain letters"),
    ("https://acme.my.salesforce。com", "plain letters"),
    ("https://acme.my.salesforce.com\u{2215}.evil.example", "plain letters"),
    ("acmé", "plain letters"),
    ("acme.my.xn--alesforce-46k.com", "plain letters"),
    ("XN--acme-123.my.salesforce.com", "plain letters"),
    ("xn--acme-123", "plain letters"),
    ("https://acme%2emy.salesforce.com", "plain letters"),
    ("http://acme.my.salesforce.com", "in the clear"),
    ("http://login.salesforce.com", "in the clear"),
    ("ftp://acme.my.salesforce.com", "in the clear"),
    ("ftp://localhost", "in the clear"),
    ("10.0.0.1", "IP address"),
    ("http://0.0.0.0:80", "IP address"),
    ("https://0x08080808", "IP address"),
    ("https://[2001:db8::1]", "IP address"),
    ("https://[::ffff:127.0.0.1]", "IP address"),
    ("na123.salesforce.com", "instance"),
    ("https://cs12.salesforce.com/home", "instance"),
    ("eu6.salesforce.com", "instance"),
    ("usa2s.salesforce.com", "instance"),
    ("na1-api.salesforce.com", "instance"),
    ("salesforce.com", "which org"),
    ("my.salesforce.com", "which org"),
    ("lightning.force.com", "which org"),
    ("acme.salesforce.com", "which org"),
    ("https://www.salesforce.com", "which org"),
    ("https://c.na123.visual.force.com/apex/x", "which org"),
    ("https://acme.secure.force.com", "which org"),
    ("https://acme.force.com", "which org"),
    ("https://acme.cloudforce.com", "which org"),
    ("https://acme.documentforce.com", "which org"),
    ("https://evil-salesforce.com", "not a host of Salesforce's"),
    ("https://acme.evil-salesforce.com", "not a host of Salesforce's"),
    ("https://acme.my.evilsalesforce.com", "not a host of Salesforce's"),
    ("https://acme.evilmy-salesforce.com", "not a host of Salesforce's"),
    ("https://evil-my-salesforce.com", "not a host of Salesforce's"),
    ("https://acme.lightning.evilforce.com", "not a host of Salesforce's"),
    ("https://acme.my.salesforce.com.evil.example", "not a host of Salesforce's"),
    ("https://evil.example#acme.my.salesforce.com", "not a host of Salesforce's"),
    ("https://evil.example?@acme.my.salesforce.com", "not a host of Salesforce's"),
    ("https://evil.example/acme.my.salesforce.com", "not a host of Salesforce's"),
    ("https://evil.example.mcas.ms", "not a host of Salesforce's"),
    ("https://acme.my.salesforce.com.mcas.ms.evil.example", "not a host of Salesforce's"),
    ("https://acme.my.salesforce.com.evilmcas.ms", "not a host of Salesforce's"),
    ("https://acme", "not a host of Salesforce's"),
    ("https://acme.my", "not a host of Salesforce's"),
    ("https://acme.my.salesforce.co", "not a host of Salesforce's"),
    ("https://crm.acme.example", "not a host of Salesforce's"),
    ("localhost.evil.example", "not a host of Salesforce's"),
    ("https://acme.localhost", "not a host of Salesforce's"),
];

#[test]
fn what_people_paste_becomes_the_api_host() {
    for (text, expected) in ACCEPTED {
        assert_eq!(Domain::parse(text).map(|d| d.to_string()).as_deref(), Ok(*expected), "{text}");
        // What it has become means itself.
        assert_eq!(Domain::parse(expected).map(|d| d.to_string()).as_deref(), Ok(*expected), "{text}");
    }
}

#[test]
fn other_hosts_are_refused_with_the_reason_and_what_to_do() {
    for (text, reason) in REFUSED {
        let error = Domain::parse(text).expect_err(text);
        assert!(error.to_string().contains(reason), "{text} → {error}");
        assert!(!error.hint().is_empty() && !error.to_string().contains("secret"), "{text} → {error}");
    }
    assert!(Domain::parse("acme.salesforce.com").unwrap_err().hint().contains("`acme.my.salesforce.com`"));
    assert!(!Domain::parse("www.salesforce.com").unwrap_err().hint().contains("www"));
    assert!(Domain::parse("na123.salesforce.com").unwrap_err().hint().contains("My Domain"));
    assert!(Domain::parse("crm.acme.example").unwrap_err().hint().contains("--allow-host crm.acme.example"));
}

#[test]
fn a_host_that_a_person_vouches_for_is_taken_as_it_is() {
    let allowed = AllowedHosts::parse("Crm.Acme.Example., na123.salesforce.com,,localhost,127.0.0.1,[::1]").unwrap();
    let parse = |text: &str| Domain::parse_allowing(text, &allowed).map(|domain| domain.to_string());
    for (text, expected) in [
        ("crm.acme.example", "https://crm.acme.example"),
        ("https://CRM.acme.example.:8443/x", "https://crm.acme.example:8443"),
        ("na123.salesforce.com", "https://na123.salesforce.com"),
        ("acme", "https://acme.my.salesforce.com"),
    ] {
        assert_eq!(parse(text).as_deref(), Ok(expected));
    }
    for text in
        ["http://crm.acme.example", "x.crm.acme.example", "xcrm.acme.example", "acme.example", "crm.acme.example.evil"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
    for list in [
        "*.acme.example",
        "https://crm.acme.example",
        "crm",
        "10.0.0.1",
        "crm.acme.example:8443",
        "xn--a.example",
        "ä.example",
        "0x7f.1",
        "a..b",
        "a b.example",
    ] {
        assert!(AllowedHosts::parse(list).unwrap_err().contains(list), "{list}");
    }
}

#[test]
fn a_token_answer_may_name_an_instance_and_no_page() {
    let allowed = AllowedHosts::parse("crm.acme.example").unwrap();
    let login = Domain::parse_allowing("login", &allowed).unwrap();
    for (text, expected) in [
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com/", "https://acme--uat.sandbox.my.salesforce.com"),
        ("https://na123.salesforce.com", "https://na123.salesforce.com"),
        ("https://cs12.salesforce.com", "https://cs12.salesforce.com"),
        ("https://na1-api.salesforce.com", "https://na1-api.salesforce.com"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("https://crm.acme.example", "https://crm.acme.example"),
    ] {
        assert_eq!(login.instance(text).map(|domain| domain.to_string()).as_deref(), Ok(expected));
    }
    for text in [
        "acme",
        "acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "https://acme.lightning.force.com",
        "https://acme.my.salesforce.com.mcas.ms",
        "https://acme.my.site.com",
        "https://evil.example",
        "http://127.0.0.1:8080",
        "https://localhost",
        "http://0.0.0.0:8080",
    ] {
        assert!(login.instance(text).is_err(), "{text}");
    }
    // The permission was for one login, and this machine may name itself.
    assert!(Domain::parse("login").unwrap().instance("https://crm.acme.example").is_err());
    assert!(Domain::parse("localhost").unwrap().instance("http://127.0.0.1:8080").is_ok());
    assert!(Domain::parse("localhost").unwrap().instance("https://evil.example").is_err());
}

#[test]
fn a_path_stays_on_the_host() {
    let domain = Domain::parse("acme").unwrap();
    for path in ["/services/data", "/@evil.example", "/:80/x", "/..//evil.example"] {
        assert_eq!(domain.join(path).unwrap().host_str(), Some("acme.my.salesforce.com"), "{path}");
    }
    for path in
        ["https://evil.example/x", "//evil.example/x", "services", "/\\evil.example", "@evil.example", ":80/x", ""]
    {
        assert_eq!(domain.join(path), None, "{path}");
    }
}
