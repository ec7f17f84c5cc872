//! Asking an object for its fields, and doing without those that this version or this org lacks.

use super::client::Client;
use super::error::{Error, Refusal};
use super::objects::{Field, Need, Object};
use super::scan::{Range, Scan};
use super::soql::{Condition, Literal, Name, Select};
use super::version::ApiVersion;

/// A query of one object, before it is sent.
#[derive(Debug, Clone)]
pub struct Plan {
    object: Name,
    fields: Vec<Planned>,
    conditions: Vec<Condition>,
    one_row: bool,
    left_out: Vec<String>,
}

#[derive(Debug, Clone)]
struct Planned {
    name: Name,
    need: Need,
}

/// A query whose first page has come.
#[derive(Debug)]
pub struct Opened {
    /// All its rows, from the first page on.
    pub scan: Box<Scan>,
    /// The statement that was answered.
    pub soql: String,
    /// Fields that were not read, because the version or the org lacks them or the user may not see them.
    pub fields_left_out: Vec<String>,
}

impl Plan {
    /// All fields of an object that `version` has.
    pub fn of<O: Object>(version: ApiVersion) -> Result<Self, Error> {
        let object = name(O::NAME)?;
        let mut plan =
            Self { object, fields: Vec::new(), conditions: Vec::new(), one_row: false, left_out: Vec::new() };
        for Field { name: field, since, need } in O::FIELDS {
            if version.major() >= *since {
                plan.fields.push(Planned { name: name(field)?, need: *need });
            } else {
                plan.left_out.push((*field).to_owned());
            }
        }
        Ok(plan)
    }

    /// Asks for further fields, which the org may lack.
    #[must_use]
    pub fn and_fields(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.fields.extend(names.into_iter().map(|name| Planned { name, need: Need::Optional }));
        self
    }

    /// Keeps the rows that meet all conditions.
    #[must_use]
    pub fn filter(mut self, conditions: Vec<Condition>) -> Self {
        self.conditions.extend(conditions);
        self
    }

    /// Asks for one row alone: enough to see whether the object can be read.
    #[must_use]
    pub fn one_row(mut self) -> Self {
        self.one_row = true;
        self
    }

    /// How many rows the query would give.
    pub async fn count(&self, client: &Client) -> Result<u64, Error> {
        let select = Select::count(self.object.clone()).filter(self.conditions.clone());
        client.query(self.object(), &select.to_string()).count().await
    }

    /// The object's name.
    pub fn object(&self) -> &str {
        self.object.as_str()
    }

    fn soql(&self) -> String {
        let fields = self.fields.iter().map(|field| field.name.clone()).collect();
        let select = Select::rows(self.object.clone(), fields).filter(self.conditions.clone());
        if self.one_row { select.one_row().to_string() } else { select.to_string() }
    }

    /// The statement for the rows whose ids are above one and up to another.
    pub(super) fn soql_within(&self, range: Range) -> String {
        let fields = self.fields.iter().map(|field| field.name.clone()).collect();
        Select::rows(self.object.clone(), fields).filter(self.within(range)).to_string()
    }

    /// The statement for the lowest id of a range, or for the highest one.
    pub(super) fn soql_outermost(&self, range: Range, highest: bool) -> String {
        Select::outermost(self.object.clone(), Name::id(), highest).filter(self.within(range)).to_string()
    }

    fn within(&self, range: Range) -> Vec<Condition> {
        let above = range.above.map(|id| Condition::Gt(Name::id(), Literal::Id(id)));
        let upto = range.upto.map(|id| Condition::Le(Name::id(), Literal::Id(id)));
        self.conditions.iter().cloned().chain(above).chain(upto).collect()
    }

    /// Leaves out a field, and those that come and go with it.
    fn leave_out(&mut self, gone: &str) {
        let (out, fields) = std::mem::take(&mut self.fields).into_iter().partition::<Vec<_>, _>(|field| {
            field.name.as_str() == gone || matches!(field.need, Need::With(other) if other == gone)
        });
        self.fields = fields;
        self.left_out.extend(out.into_iter().map(|field| field.name.to_string()));
    }

    /// Sends the query and waits for its first page. An unknown field that can be done without is left out and the
    /// query sent again; from the second one on, the object's describe tells all that are unknown at once.
    pub async fn open(mut self, client: &Client) -> Result<Opened, Error> {
        let mut described = false;
        for attempt in 1.. {
            let soql = self.soql();
            let mut query = client.query(self.object(), &soql);
            let error = match query.next_page().await {
                Ok(first) => {
                    let fields_left_out = self.left_out.clone();
                    return Ok(Opened { scan: Box::new(Scan::new(client, self, query, first)), soql, fields_left_out });
                }
                Err(error) if error.is_query_timeout() && !self.one_row => {
                    let fields_left_out = self.left_out.clone();
                    let scan = Box::new(Scan::divided(client, self, error).await?);
                    return Ok(Opened { scan, soql, fields_left_out });
                }
                Err(error) => error,
            };
            let Some(refusal) = error.refusal().filter(|refusal| refusal.has(&["INVALID_FIELD"])) else {
                return Err(error);
            };
            let optional: Vec<_> =
                self.fields.iter().filter(|f| f.need != Need::Required).map(|f| f.name.as_str().to_owned()).collect();
            let unknown = match named_by(refusal, &optional) {
                Some(field) if attempt == 1 || described => vec![field],
                named if !described => {
                    described = true;
                    let mut unknown = self.unknown_by_describe(client, &optional).await?;
                    unknown.extend(named.filter(|_| unknown.is_empty()));
                    unknown
                }
                _ => Vec::new(),
            };
            if unknown.is_empty() {
                return Err(error);
            }
            for field in unknown {
                tracing::debug!(object = self.object(), field, "the org does not know this field");
                self.leave_out(&field);
            }
        }
        Err(Error::Protocol("no field is left to ask for".to_owned()))
    }

    async fn unknown_by_describe(&self, client: &Client, optional: &[String]) -> Result<Vec<String>, Error> {
        let known = client.describe(self.object()).await?;
        let is_known = |field: &String| {
            // A path over a parent is not in the describe of the child.
            field.contains('.') || known.iter().any(|known| known.name.eq_ignore_ascii_case(field))
        };
        Ok(optional.iter().filter(|field| !is_known(field)).cloned().collect())
    }
}

fn name(text: &str) -> Result<Name, Error> {
    Name::parse(text).ok_or_else(|| Error::Protocol(format!("`{text}` is no name of a field or an object")))
}

/// Which of our fields an `INVALID_FIELD` is about. Its text is in the user's language, so only what is the same in all
/// of them is read: a field's name in quotes, and the caret under the statement.
fn named_by(refusal: &Refusal, optional: &[String]) -> Option<String> {
    let message = refusal.errors.iter().find(|error| error.code == "INVALID_FIELD")?.message.as_str();
    let lines: Vec<&str> = message.lines().collect();
    let caret = lines.iter().position(|line| line.trim() == "^" && !line.trim().is_empty());
    // The words come after the caret; the statement before it holds literals in quotes.
    let words = lines.get(caret.map_or(0, |line| line + 1)..).unwrap_or_default().join("\n");
    let quoted = |part: &str| ['\'', '"', '«', '“', '‘'].iter().any(|quote| words.contains(&format!("{quote}{part}")));
    let by_name =
        optional.iter().find(|field| field.split('.').any(|part| quoted(part) && is_whole_word(&words, part)));
    if let Some(field) = by_name {
        return Some(field.clone());
    }
    let line = caret?.checked_sub(1)?;
    let column = lines[line + 1].find('^')?;
    let statement = lines[line];
    let start = statement.get(..column)?.rfind([' ', ',']).map_or(0, |at| at + 1);
    let token = statement.get(start..)?.split([' ', ',']).next()?;
    optional.iter().find(|field| field.eq_ignore_ascii_case(token)).cloned()
}

/// Whether `part` stands in `words` between quotes of some kind, not as the beginning of a longer name.
fn is_whole_word(words: &str, part: &str) -> bool {
    words.match_indices(part).any(|(at, _)| {
        let after = words[at + part.len()..].chars().next();
        let before = words[..at].chars().next_back();
        let outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        outside(before) && outside(after)
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::ApiError;
    use super::*;

    fn refusal(message: &str) -> Refusal {
        let error = ApiError { code: "INVALID_FIELD".to_owned(), message: message.to_owned(), fields: Vec::new() };
        Refusal { status: 400, errors: vec![error] }
    }

    fn fields() -> Vec<String> {
        ["Name", "IsRevoked", "License.Name", "IsActive"].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_field_is_found_in_any_language() {
        let english = "\nSELECT Id, IsRevoked FROM X WHERE A = 'Name'\n           ^\nERROR at Row:1:Column:12\nNo such column 'IsRevoked' on entity 'X'.";
        let german = "\nSELECT Id, IsRevoked FROM X\n           ^\nFEHLER in Zeile:1\nSpalte „IsRevoked“ gibt es nicht";
        let bare = "\nId, IsRevoked, IsActive FROM X\n    ^\n";
        for message in [english, german, bare] {
            assert_eq!(named_by(&refusal(message), &fields()).as_deref(), Some("IsRevoked"), "{message}");
        }
    }

    #[test]
    fn a_relationship_stands_for_its_path() {
        let message =
            "\nSELECT License.Name FROM X\n       ^\nERROR\nDidn't understand relationship 'License' in field path.";
        assert_eq!(named_by(&refusal(message), &fields()).as_deref(), Some("License.Name"));
    }

    #[test]
    fn another_field_is_not_taken_for_ours() {
        for message in ["No such column 'IsRevokedToo' on entity 'X'", "nothing", "No such column 'Id' on entity 'X'"] {
            assert_eq!(named_by(&refusal(message), &fields()), None, "{message}");
        }
    }
}
