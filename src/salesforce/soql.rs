//! SOQL texts. Pure: a statement in, its text out.
//!
//! Names are checked when they enter ([`Name`]), values are literals with their own escaping ([`Literal`]); there is no
//! way to put other text into a statement.

use std::fmt;

use super::RecordId;

/// The name of an object or of a field, perhaps over parents (`Profile.UserLicense.Name`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Lets through letters, digits and `_`, starting with a letter, parts joined by `.`.
    pub fn parse(text: &str) -> Option<Self> {
        let part_is_fine = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        text.split('.').all(part_is_fine).then(|| Self(text.to_owned()))
    }

    /// `Id`.
    pub(super) fn id() -> Self {
        Self("Id".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A string, escaped where it is written.
    Text(String),
    /// A record id.
    Id(RecordId),
    /// `TRUE` or `FALSE`.
    Bool(bool),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => {
                f.write_str("'")?;
                for c in text.chars() {
                    match c {
                        '\\' => f.write_str("\\\\")?,
                        '\'' => f.write_str("\\'")?,
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        '\u{8}' => f.write_str("\\b")?,
                        '\u{c}' => f.write_str("\\f")?,
                        c => fmt::Write::write_char(f, c)?,
                    }
                }
                f.write_str("'")
            }
            Self::Id(id) => write!(f, "'{id}'"),
            Self::Bool(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
        }
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `field = value`
    Eq(Name, Literal),
    /// `field != value`; also true where the field is null.
    Ne(Name, Literal),
    /// `field > value`
    Gt(Name, Literal),
    /// `field <= value`
    Le(Name, Literal),
    /// `field IN (values)`
    In(Name, Vec<Literal>),
    /// All of them.
    All(Vec<Condition>),
    /// Any of them.
    Any(Vec<Condition>),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eq(name, value) => write!(f, "{name} = {value}"),
            Self::Ne(name, value) => write!(f, "{name} != {value}"),
            Self::Gt(name, value) => write!(f, "{name} > {value}"),
            Self::Le(name, value) => write!(f, "{name} <= {value}"),
            Self::In(name, values) => {
                write!(f, "{name} IN (")?;
                join(f, values, ",")?;
                f.write_str(")")
            }
            Self::All(conditions) => write_list(f, conditions, " AND "),
            Self::Any(conditions) => write_list(f, conditions, " OR "),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, conditions: &[Condition], between: &str) -> fmt::Result {
    for (n, condition) in conditions.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        match condition {
            // SOQL refuses AND and OR side by side without parentheses.
            Condition::All(list) | Condition::Any(list) if list.len() > 1 && conditions.len() > 1 => {
                write!(f, "({condition})")?;
            }
            _ => write!(f, "{condition}")?,
        }
    }
    Ok(())
}

fn join<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], between: &str) -> fmt::Result {
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

/// The order of rows, by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Up,
    Down,
}

/// A `SELECT` statement over one object, flat. There is no `LIMIT` but that of [`Select::one_row`]: it would switch
/// paging off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    fields: Vec<Name>,
    count: Option<Name>,
    object: Name,
    condition: Option<Condition>,
    order: Option<Order>,
    one_row: bool,
    /// `COUNT()`, in the place of fields.
    is_count: bool,
}

impl Select {
    /// Rows of an object, in the order of their ids.
    pub fn rows(object: Name, fields: Vec<Name>) -> Self {
        Self { fields, count: None, object, condition: None, order: Some(Order::Up), one_row: false, is_count: false }
    }

    /// Rows counted by the values of some fields; the count's alias is `rowCount`.
    pub fn counts(object: Name, by: Vec<Name>, counted: Name) -> Self {
        Self { fields: by, count: Some(counted), order: None, ..Self::rows(object, Vec::new()) }
    }

    /// How many rows there are; the answer is its `totalSize`.
    pub fn count(object: Name) -> Self {
        Self { order: None, is_count: true, ..Self::rows(object, Vec::new()) }
    }

    /// Any one row, in no order.
    #[must_use]
    pub fn one_row(mut self) -> Self {
        self.order = None;
        self.one_row = true;
        self
    }

    /// The row with the lowest id, or with the highest one.
    pub fn outermost(object: Name, id: Name, highest: bool) -> Self {
        let order = Some(if highest { Order::Down } else { Order::Up });
        Self { order, one_row: true, ..Self::rows(object, vec![id]) }
    }

    /// Keeps the rows that meet all of these.
    #[must_use]
    pub fn filter(mut self, mut conditions: Vec<Condition>) -> Self {
        self.condition = match conditions.len() {
            0 => None,
            1 => conditions.pop(),
            _ => Some(Condition::All(conditions)),
        };
        self
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_count { "SELECT COUNT()" } else { "SELECT " })?;
        join(f, &self.fields, ", ")?;
        if let Some(counted) = &self.count {
            write!(f, ", COUNT({counted}) rowCount")?;
        }
        write!(f, " FROM {}", self.object)?;
        if let Some(condition) = &self.condition {
            write!(f, " WHERE {condition}")?;
        }
        if self.count.is_some() {
            f.write_str(" GROUP BY ")?;
            join(f, &self.fields, ", ")?;
        }
        match self.order {
            Some(Order::Up) => f.write_str(" ORDER BY Id")?,
            Some(Order::Down) => f.write_str(" ORDER BY Id DESC")?,
            None => {}
        }
        if self.one_row {
            f.write_str(" LIMIT 1")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn statements_are_written() {
        let id = RecordId::parse("0055f000001AAAA").unwrap();
        let select = Select::rows(name("User"), vec![name("Id"), name("Profile.Name")]).filter(vec![
            Condition::Eq(name("UserType"), Literal::Text("Standard".to_owned())),
            Condition::Any(vec![
                Condition::Eq(name("IsActive"), Literal::Bool(true)),
                Condition::In(name("Id"), vec![Literal::Id(id), Literal::Id(id)]),
            ]),
        ]);
        assert_eq!(
            select.to_string(),
            "SELECT Id, Profile.Name FROM User WHERE UserType = 'Standard' AND \
             (IsActive = TRUE OR Id IN ('0055f000001AAAAAA4','0055f000001AAAAAA4')) ORDER BY Id"
        );
        let count = Select::count(name("User")).filter(vec![Condition::Eq(name("IsActive"), Literal::Bool(true))]);
        assert_eq!(count.to_string(), "SELECT COUNT() FROM User WHERE IsActive = TRUE");
        let counts = Select::counts(name("User"), vec![name("UserType")], name("Id"))
            .filter(vec![Condition::Ne(name("UserType"), Literal::Bool(true))]);
        assert_eq!(
            counts.to_string(),
            "SELECT UserType, COUNT(Id) rowCount FROM User WHERE UserType != TRUE GROUP BY UserType"
        );
        let groups = Select::rows(name("Group"), vec![name("Id")]);
        assert_eq!(groups.to_string(), "SELECT Id FROM Group ORDER BY Id");
        assert_eq!(groups.one_row().to_string(), "SELECT Id FROM Group LIMIT 1");
        let last = Select::outermost(name("Group"), name("Id"), true)
            .filter(vec![Condition::Gt(name("Id"), Literal::Id(id)), Condition::Le(name("Id"), Literal::Id(id))]);
        assert_eq!(
            last.to_string(),
            "SELECT Id FROM Group WHERE Id > '0055f000001AAAAAA4' AND Id <= '0055f000001AAAAAA4' ORDER BY Id DESC LIMIT 1"
        );
    }

    #[test]
    fn other_text_is_no_name() {
        for text in ["", "Id, Name", "Id FROM User", "1d", "Id.", ".Id", "Na'me", "Nåme", "Id--"] {
            assert_eq!(Name::parse(text), None, "{text}");
        }
    }

    proptest! {
        /// Unescaping a literal gives the text back, and no quote of the text ends it early.
        #[test]
        fn a_literal_holds_any_text(text in any::<String>()) {
            let written = Literal::Text(text.clone()).to_string();
            let inner = written.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap();
            let mut read = String::new();
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                prop_assert!(c != '\'' && c != '\n' && c != '\r');
                read.push(match c {
                    '\\' => match chars.next().unwrap() {
                        'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\u{8}', 'f' => '\u{c}', other => other,
                    },
                    c => c,
                });
            }
            prop_assert_eq!(read, text);
        }
    }
}
