//! A parsed query. Every name and literal keeps its byte offset in the text, for the carets.

/// A word and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: usize,
}

/// `Profile.UserLicense.Name`.
#[derive(Debug, Clone)]
pub(super) struct FieldPath {
    pub(super) parts: Vec<String>,
    pub(super) at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    CountDistinct,
    Min,
    Max,
    Sum,
    Avg,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "COUNT" => Self::Count,
            "COUNT_DISTINCT" => Self::CountDistinct,
            "MIN" => Self::Min,
            "MAX" => Self::Max,
            "SUM" => Self::Sum,
            "AVG" => Self::Avg,
            _ => return None,
        })
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::CountDistinct => "COUNT_DISTINCT",
            Self::Min => "MIN",
            Self::Max => "MAX",
            Self::Sum => "SUM",
            Self::Avg => "AVG",
        }
    }
}

/// What a condition or an order looks at.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Field(FieldPath),
    Aggregate { function: Function, path: FieldPath, at: usize },
}

impl Operand {
    pub(super) fn at(&self) -> usize {
        match self {
            Self::Field(path) => path.at,
            Self::Aggregate { at, .. } => *at,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldSet {
    All,
    Standard,
    Custom,
}

#[derive(Debug, Clone)]
pub(super) enum Item {
    Value {
        operand: Operand,
        alias: Option<String>,
    },
    /// `COUNT()`.
    CountAll,
    /// `(SELECT … FROM Relationship)`.
    Children(Box<Query>),
    /// `FIELDS(ALL)`.
    Fields(FieldSet, usize),
}

#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    /// The text between the quotes, escapes and all.
    Text(String),
    /// Milliseconds since 1970.
    DateTime(i64),
    Date(jiff::civil::Date),
}

#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) literal: Literal,
    pub(super) at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

#[derive(Debug, Clone)]
pub(super) enum Set {
    Values(Vec<Value>),
    Query(Box<Query>),
}

#[derive(Debug, Clone)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare { operand: Operand, operator: Operator, value: Value },
    In { path: FieldPath, negated: bool, set: Set },
}

#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) operand: Operand,
    pub(super) descending: bool,
    /// `NULLS FIRST` unless said otherwise.
    pub(super) nulls_last: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) items: Vec<Item>,
    pub(super) from: Name,
    /// `FROM User u`.
    pub(super) alias: Option<String>,
    pub(super) condition: Option<Condition>,
    pub(super) group_by: Vec<FieldPath>,
    pub(super) having: Option<Condition>,
    pub(super) order_by: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
}

impl Query {
    /// `SELECT COUNT() FROM …`.
    pub(super) fn is_count(&self) -> bool {
        matches!(self.items.as_slice(), [Item::CountAll]) && self.group_by.is_empty()
    }

    /// Whether the answer holds `AggregateResult`s.
    pub(super) fn is_grouped(&self) -> bool {
        let aggregate = |item: &Item| matches!(item, Item::Value { operand: Operand::Aggregate { .. }, .. });
        !self.group_by.is_empty() || self.items.iter().any(aggregate)
    }
}
