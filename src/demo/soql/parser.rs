//! The grammar of a query, by recursive descent.

use super::ast::{
    Condition, FieldPath, FieldSet, Function, Item, Literal, Name, Operand, Operator, Order, Query, Set, Value,
};
use super::lexer::{Token, tokens};
use crate::demo::error::ApiError;

/// The words that end a list of names; none of them is taken for an alias.
const CLAUSES: [&str; 14] =
    ["FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "ALL", "FOR", "WITH", "USING", "AND", "OR", "ASC"];

/// Salesforce's limit, far above what a person writes; it keeps the recursion short.
const MAX_DEPTH: usize = 100;

pub(super) fn parse(soql: &str) -> Result<Query, ApiError> {
    let mut parser = Parser { soql, tokens: tokens(soql)?, next: 0, depth: 0 };
    let query = parser.query()?;
    if parser.word("ALL") {
        parser.keyword("ROWS")?;
    }
    if *parser.peek() != Token::End {
        return Err(parser.unexpected());
    }
    Ok(query)
}

struct Parser<'a> {
    soql: &'a str,
    tokens: Vec<(Token, usize)>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    fn peek_after(&self) -> &Token {
        self.tokens.get(self.next + 1).map_or(&Token::End, |(token, _)| token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.soql.len(), |(_, at)| *at)
    }

    fn unexpected(&self) -> ApiError {
        let message = format!("unexpected token: '{}'", self.peek().shown(self.soql, self.at()));
        ApiError::at("MALFORMED_QUERY", self.soql, self.at(), &message)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word))
    }

    /// Takes the word if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    /// Takes the word, which must come next.
    fn keyword(&mut self, word: &str) -> Result<(), ApiError> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), ApiError> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Any word that is not the start of a clause.
    fn name(&mut self) -> Result<Name, ApiError> {
        let at = self.at();
        match self.peek() {
            Token::Word(word) if !is_clause(word) => {
                let text = word.clone();
                self.next += 1;
                Ok(Name { text, at })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Any word, for `Group` is an object and a relationship.
    fn object(&mut self) -> Result<Name, ApiError> {
        let (Token::Word(word), at) = (self.peek(), self.at()) else { return Err(self.unexpected()) };
        let text = word.clone();
        self.next += 1;
        Ok(Name { text, at })
    }

    fn alias(&mut self) -> Option<String> {
        match self.peek() {
            Token::Word(word) if !is_clause(word) => self.name().ok().map(|name| name.text),
            _ => None,
        }
    }

    fn path(&mut self) -> Result<FieldPath, ApiError> {
        let first = if *self.peek_after() == Token::Sign(".") { self.object()? } else { self.name()? };
        let mut parts = vec![first.text];
        while self.sign(".") {
            // After a dot any word is a name: `Owner.Group`.
            match self.peek() {
                Token::Word(word) => parts.push(word.clone()),
                _ => return Err(self.unexpected()),
            }
            self.next += 1;
        }
        Ok(FieldPath { parts, at: first.at })
    }

    fn query(&mut self) -> Result<Query, ApiError> {
        self.keyword("SELECT")?;
        let mut items = vec![self.item()?];
        while self.sign(",") {
            items.push(self.item()?);
        }
        self.keyword("FROM")?;
        let from = self.object()?;
        let alias = self.alias();
        let condition = if self.word("WHERE") { Some(self.condition()?) } else { None };
        let mut group_by = Vec::new();
        if self.word("GROUP") {
            self.keyword("BY")?;
            group_by.push(self.path()?);
            while self.sign(",") {
                group_by.push(self.path()?);
            }
        }
        let having = if self.word("HAVING") { Some(self.condition()?) } else { None };
        let mut order_by = Vec::new();
        if self.word("ORDER") {
            self.keyword("BY")?;
            order_by.push(self.order()?);
            while self.sign(",") {
                order_by.push(self.order()?);
            }
        }
        let limit = if self.word("LIMIT") { Some(self.count()?) } else { None };
        let mut offset = 0;
        if self.word("OFFSET") {
            let at = self.at();
            offset = self.count()?;
            if offset > 2000 {
                let message = "Maximum SOQL offset allowed is 2000";
                return Err(ApiError::at("NUMBER_OUTSIDE_VALID_RANGE", self.soql, at, message));
            }
        }
        Ok(Query { items, from, alias, condition, group_by, having, order_by, limit, offset })
    }

    fn count(&mut self) -> Result<usize, ApiError> {
        let count = if let Token::Int(number) = self.peek() { usize::try_from(*number).ok() } else { None };
        let count = count.ok_or_else(|| self.unexpected())?;
        self.next += 1;
        Ok(count)
    }

    fn item(&mut self) -> Result<Item, ApiError> {
        if self.sign("(") {
            let query = self.nested(Self::query)?;
            self.expect(")")?;
            return Ok(Item::Children(Box::new(query)));
        }
        let at = self.at();
        if self.is_word("FIELDS") && *self.peek_after() == Token::Sign("(") {
            self.next += 2;
            let set = [("ALL", FieldSet::All), ("STANDARD", FieldSet::Standard), ("CUSTOM", FieldSet::Custom)];
            let found = set.into_iter().find(|(word, _)| self.is_word(word));
            let Some((_, set)) = found else { return Err(self.unexpected()) };
            self.next += 1;
            self.expect(")")?;
            return Ok(Item::Fields(set, at));
        }
        if self.is_word("COUNT") && *self.peek_after() == Token::Sign("(") {
            let start = self.next;
            self.next += 2;
            if self.sign(")") {
                return Ok(Item::CountAll);
            }
            self.next = start;
        }
        let operand = self.operand()?;
        let alias = self.alias();
        Ok(Item::Value { operand, alias })
    }

    fn operand(&mut self) -> Result<Operand, ApiError> {
        let at = self.at();
        if let Token::Word(word) = self.peek()
            && let Some(function) = Function::named(word)
            && *self.peek_after() == Token::Sign("(")
        {
            self.next += 2;
            let path = self.path()?;
            self.expect(")")?;
            return Ok(Operand::Aggregate { function, path, at });
        }
        self.path().map(Operand::Field)
    }

    fn order(&mut self) -> Result<Order, ApiError> {
        let operand = self.operand()?;
        let descending = self.word("DESC");
        if !descending {
            self.word("ASC");
        }
        let mut nulls_last = false;
        if self.word("NULLS") {
            nulls_last = self.word("LAST");
            if !nulls_last {
                self.keyword("FIRST")?;
            }
        }
        Ok(Order { operand, descending, nulls_last })
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, ApiError>) -> Result<T, ApiError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ApiError::bad_request(
                "QUERY_TOO_COMPLICATED",
                "Query is either selecting too many fields or the filter conditions are too complicated.",
            ));
        }
        let result = inner(self)?;
        self.depth -= 1;
        Ok(result)
    }

    /// Terms joined by `AND` or by `OR`; the two do not mix without parentheses.
    fn condition(&mut self) -> Result<Condition, ApiError> {
        let first = self.term()?;
        let joint = if self.is_word("AND") { "AND" } else { "OR" };
        if !self.is_word(joint) {
            return Ok(first);
        }
        let mut terms = vec![first];
        while self.word(joint) {
            terms.push(self.term()?);
        }
        if self.is_word("AND") || self.is_word("OR") {
            return Err(self.unexpected());
        }
        Ok(if joint == "AND" { Condition::And(terms) } else { Condition::Or(terms) })
    }

    fn term(&mut self) -> Result<Condition, ApiError> {
        if self.word("NOT") {
            return self.nested(Self::term).map(|term| Condition::Not(Box::new(term)));
        }
        if self.sign("(") {
            let condition = self.nested(Self::condition)?;
            self.expect(")")?;
            return Ok(condition);
        }
        let operand = self.operand()?;
        let negated = self.is_word("NOT");
        if negated || self.is_word("IN") {
            let Operand::Field(path) = operand else { return Err(self.unexpected()) };
            self.next += usize::from(negated);
            self.keyword("IN")?;
            let set = self.set()?;
            return Ok(Condition::In { path, negated, set });
        }
        let operator = self.operator()?;
        Ok(Condition::Compare { operand, operator, value: self.value()? })
    }

    fn operator(&mut self) -> Result<Operator, ApiError> {
        let operator = match self.peek() {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=" | "<>") => Operator::NotEqual,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessOrEqual,
            Token::Sign(">") => Operator::Greater,
            Token::Sign(">=") => Operator::GreaterOrEqual,
            _ if self.is_word("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(operator)
    }

    fn set(&mut self) -> Result<Set, ApiError> {
        self.expect("(")?;
        if self.is_word("SELECT") {
            let query = self.nested(Self::query)?;
            self.expect(")")?;
            return Ok(Set::Query(Box::new(query)));
        }
        let mut values = vec![self.value()?];
        while self.sign(",") {
            values.push(self.value()?);
        }
        self.expect(")")?;
        Ok(Set::Values(values))
    }

    fn value(&mut self) -> Result<Value, ApiError> {
        let at = self.at();
        let literal = match self.peek() {
            Token::Text(raw) => Literal::Text(raw.clone()),
            Token::Int(number) => Literal::Int(*number),
            Token::Double(number) => Literal::Double(*number),
            Token::DateTime(millis) => Literal::DateTime(*millis),
            Token::Date(date) => Literal::Date(*date),
            _ if self.is_word("null") => Literal::Null,
            _ if self.is_word("true") => Literal::Bool(true),
            _ if self.is_word("false") => Literal::Bool(false),
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Value { literal, at })
    }
}

fn is_clause(word: &str) -> bool {
    CLAUSES.iter().any(|clause| clause.eq_ignore_ascii_case(word))
}
