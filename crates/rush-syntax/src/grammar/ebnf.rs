//! Reads EBNF as ISO 14977 writes it: `name = a , [ b ] , { c } , ( d | "e" ) ;`.

use super::GrammarError;

/// One side of a production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// `"text"`
    Literal(String),
    /// The name of a production or of a token.
    Name(String),
    /// `a , b`
    Sequence(Vec<Rule>),
    /// `a | b`
    Choice(Vec<Rule>),
    /// `[ a ]`
    Optional(Box<Rule>),
    /// `{ a }`
    Repeated(Box<Rule>),
}

/// `name = rule ;`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Production {
    pub(super) name: String,
    pub(super) rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Literal(String),
    Sign(char),
}

/// Reads all productions, in order.
pub(super) fn parse(text: &str) -> Result<Vec<Production>, GrammarError> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0 };
    let mut productions = Vec::new();
    while reader.at < reader.tokens.len() {
        productions.push(reader.production()?);
    }
    Ok(productions)
}

fn tokens(text: &str) -> Result<Vec<Token>, GrammarError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' if rest.starts_with("(*") => {
                let end = rest.find("*)");
                end.ok_or_else(|| GrammarError::new("a comment `(*` is never closed"))? + 2
            }
            '"' | '\'' => {
                let inside = rest.get(1..).unwrap_or_default();
                let end = inside.find(first).ok_or_else(|| {
                    let line = rest.lines().next().unwrap_or_default();
                    GrammarError::new(format!("the text `{line}` is never closed"))
                })?;
                found.push(Token::Literal(inside.get(..end).unwrap_or_default().to_owned()));
                end + 2
            }
            _ if first.is_ascii_alphanumeric() || first == '_' => {
                let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
                let end = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
                found.push(Token::Name(rest.get(..end).unwrap_or_default().to_owned()));
                end
            }
            _ if first.is_whitespace() => first.len_utf8(),
            '=' | ',' | '|' | ';' | '(' | ')' | '[' | ']' | '{' | '}' => {
                found.push(Token::Sign(first));
                1
            }
            _ => return Err(GrammarError::new(format!("`{first}` is no sign of EBNF here"))),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(found)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_next = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(is_next);
        is_next
    }

    fn production(&mut self) -> Result<Production, GrammarError> {
        let Some(Token::Name(name)) = self.next() else {
            return Err(GrammarError::new("a production has to begin with its name"));
        };
        let missing = |sign| GrammarError::new(format!("expected `{sign}` in `{name}`"));
        if !self.takes('=') {
            return Err(missing('='));
        }
        let rule = self.choice(&name)?;
        if !self.takes(';') {
            return Err(missing(';'));
        }
        Ok(Production { name, rule })
    }

    fn choice(&mut self, name: &str) -> Result<Rule, GrammarError> {
        let mut rules = vec![self.sequence(name)?];
        while self.takes('|') {
            rules.push(self.sequence(name)?);
        }
        Ok(one_or(rules, Rule::Choice))
    }

    fn sequence(&mut self, name: &str) -> Result<Rule, GrammarError> {
        let mut rules = vec![self.part(name)?];
        while self.takes(',') {
            rules.push(self.part(name)?);
        }
        Ok(one_or(rules, Rule::Sequence))
    }

    fn part(&mut self, name: &str) -> Result<Rule, GrammarError> {
        let (close, make): (_, fn(Rule) -> Rule) = match self.next() {
            Some(Token::Literal(text)) => return Ok(Rule::Literal(text)),
            Some(Token::Name(name)) => return Ok(Rule::Name(name)),
            Some(Token::Sign('(')) => (')', |rule| rule),
            Some(Token::Sign('[')) => (']', |rule| Rule::Optional(Box::new(rule))),
            Some(Token::Sign('{')) => ('}', |rule| Rule::Repeated(Box::new(rule))),
            _ => return Err(GrammarError::new(format!("something is missing in `{name}`"))),
        };
        let rule = self.choice(name)?;
        if self.takes(close) {
            return Ok(make(rule));
        }
        Err(GrammarError::new(format!("expected `{close}` in `{name}`")))
    }
}

fn one_or(mut rules: Vec<Rule>, make: fn(Vec<Rule>) -> Rule) -> Rule {
    match rules.pop() {
        Some(only) if rules.is_empty() => only,
        Some(last) => {
            rules.push(last);
            make(rules)
        }
        None => make(rules),
    }
}
