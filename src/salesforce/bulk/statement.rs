//! Our own statements, taken apart: the Bulk API wants them a little different.

/// `SELECT … FROM … WHERE … ORDER BY Id`, as [`Select`](crate::salesforce::soql::Select) writes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement<'s> {
    fields: &'s str,
    /// From the object's name on, without an order.
    from: &'s str,
}

impl<'s> Statement<'s> {
    /// `None` where it is no statement that a job can run.
    pub(crate) fn of(soql: &'s str) -> Option<Self> {
        let (fields, from) = soql.strip_prefix("SELECT ")?.split_once(" FROM ")?;
        // A list of rows in an order, and of all of them.
        let from = from.strip_suffix(" ORDER BY Id")?;
        (!fields.contains('(')).then_some(Self { fields, from })
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &'s str> {
        self.fields.split(", ")
    }

    /// Without its order: a job in an order cannot be done in parts.
    pub(crate) fn unordered(&self) -> String {
        format!("SELECT {} FROM {}", self.fields, self.from)
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> String {
        format!("SELECT COUNT() FROM {}", self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::soql::{Condition, Literal, Name, Select};

    #[test]
    fn our_statements_are_taken_apart() {
        let name = |text| Name::parse(text).unwrap();
        let tricky = Literal::Text("SELECT ( FROM ' ORDER BY Id".to_owned());
        let select = Select::rows(name("User"), vec![name("Id"), name("Profile.Name")])
            .filter(vec![Condition::Eq(name("Name"), tricky)]);
        let soql = select.to_string();
        let statement = Statement::of(&soql).unwrap();
        assert_eq!(statement.fields().collect::<Vec<_>>(), ["Id", "Profile.Name"]);
        let from = r"FROM User WHERE Name = 'SELECT ( FROM \' ORDER BY Id'";
        assert_eq!(statement.unordered(), format!("SELECT Id, Profile.Name {from}"));
        assert_eq!(statement.count(), format!("SELECT COUNT() {from}"));
        for other in [Select::count(name("User")), Select::counts(name("User"), vec![name("Name")], name("Id"))] {
            assert!(Statement::of(&other.to_string()).is_none());
        }
        assert!(Statement::of(&Select::rows(name("User"), vec![name("Id")]).one_row().to_string()).is_none());
    }
}
