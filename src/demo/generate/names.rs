//! Invented names.

pub(super) const FIRST_NAMES: [&str; 48] = [
    "Ada", "Bo", "Cy", "Di", "Eli", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Lea", "Max", "Nia", "Oli", "Pia",
    "Quin", "Ray", "Sol", "Tea", "Uma", "Val", "Wim", "Xia", "Yan", "Zoe", "Amara", "Bilal", "Chiara", "Dmitri",
    "Esra", "Farah", "Goran", "Hana", "Ivo", "Jaya", "Kofi", "Lotte", "Mina", "Noor", "Omar", "Petra", "Rafael",
    "Sanna", "Tariq", "Ulla", "Vera", "Yuki",
];

pub(super) const LAST_NAMES: [&str; 48] = [
    "Abbott",
    "Baker",
    "Castro",
    "Diaz",
    "Evans",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ito",
    "Jansen",
    "Kowalski",
    "Lopez",
    "Moreau",
    "Novak",
    "Okafor",
    "Patel",
    "Quist",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Usman",
    "Vargas",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhang",
    "Andersson",
    "Bauer",
    "Chen",
    "Dubois",
    "Eriksen",
    "Ferrari",
    "Gruber",
    "Haddad",
    "Ivanov",
    "Jensen",
    "Kaya",
    "Lindgren",
    "Mbeki",
    "Nagy",
    "Olsen",
    "Popescu",
    "Ramos",
    "Silva",
    "Torres",
    "Varga",
    "Wagner",
    "Zeman",
];

/// First and last names that break careless programs: no first name, other scripts, right-to-left text, an override of
/// the writing direction, quotes, a line break, a control sequence of terminals, a spreadsheet formula.
pub(super) const ODD_NAMES: [(Option<&str>, &str); 12] = [
    (None, "Ōkubo 大久保"),
    (Some("Zoë"), "Ñuñez-Ångström"),
    (Some("مريم"), "الحداد"),
    (Some("נועה"), "לוי"),
    (Some("Sinéad"), "O'Brien \"X\" \u{202e}gnp.exe"),
    (Some("Line"), "Break\nBelow"),
    (Some("Эмма"), "Соколова"),
    (None, "Back\\slash, Comma; Tab\tEnd"),
    (Some("👩‍🚀 Astra"), "Naut"),
    (Some("Ansi"), "Red\u{1b}[31m"),
    (Some("Formula"), "=HYPERLINK(\"http://example.invalid\")"),
    (Some("I\u{307}lker"), "Işık"),
];

pub(super) const DEPARTMENTS: [&str; 8] =
    ["Sales", "Service", "Marketing", "Finance", "Legal", "Engineering", "People", "Operations"];

pub(super) const REGIONS: [&str; 8] = ["EMEA", "AMER", "APAC", "LATAM", "DACH", "Nordics", "Iberia", "ANZ"];

pub(super) const TITLES: [&str; 6] = ["Manager", "Analyst", "Specialist", "Director", "Associate", "Lead"];

/// What permission sets are for.
pub(super) const TASKS: [&str; 16] = [
    "Report Export",
    "Forecasting",
    "Case Escalation",
    "Lead Import",
    "Quote Approval",
    "Contract Signing",
    "Knowledge Editing",
    "Data Loading",
    "Dashboard Design",
    "Campaign Sending",
    "Territory Planning",
    "Invoice Reading",
    "Flow Running",
    "Sandbox Refresh",
    "Login Support",
    "API Integration",
];

/// A developer name for a label: letters, digits and single underscores, and the number that keeps it unique.
pub(super) fn developer_name(label: &str, number: usize) -> String {
    let words = label.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    format!("{}_{number}", words.collect::<Vec<_>>().join("_"))
}
