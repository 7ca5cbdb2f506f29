//! Reads dotenv files, in one small dialect.
//!
//! A line is `NAME=value`, optionally after `export`. Blank lines and lines that start with `#` are skipped. A
//! bare value ends at the line's end or at ` #`, without the spaces around it. `'...'` is literal and `"..."`
//! knows `\n \r \t \\ \" \$`; both may span lines. Nothing is expanded: a `$` is a `$`.

/// Why a file is no dotenv file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct DotenvError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in words for the person.
    pub message: String,
}

/// One entry of a dotenv file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DotenvVariable {
    /// Its name.
    pub name: String,
    /// What stands for its value, without quotes.
    pub value: String,
    /// The line it begins on, from 1.
    pub line: usize,
}

/// Returns the variables of a dotenv file in their order; a name may occur more than once, the last one counts.
pub fn parse_dotenv(text: &str) -> Result<Vec<DotenvVariable>, DotenvError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { rest: text, line: 1 };
    let mut variables = Vec::new();
    while !reader.rest.is_empty() {
        if let Some(variable) = reader.entry()? {
            variables.push(variable);
        }
    }
    Ok(variables)
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Reader<'a> {
    fn entry(&mut self) -> Result<Option<DotenvVariable>, DotenvError> {
        let number = self.line;
        let line = self.rest.split('\n').next().unwrap_or_default();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            self.skip_line();
            return Ok(None);
        }
        let Some((name, value)) = line.split_once('=') else {
            return Err(self.error(format!("expected `NAME=value`, found `{trimmed}`")));
        };
        let name = name.trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        if !is_name(name) {
            return Err(self.error(format!("`{name}` can't be the name of a variable")));
        }
        let spaces = value.len() - value.trim_start_matches([' ', '\t']).len();
        self.advance(line.len() - value.len() + spaces);
        let value = match self.rest.chars().next() {
            Some(quote @ ('\'' | '"')) => self.quoted(quote)?,
            _ => self.bare(),
        };
        Ok(Some(DotenvVariable { name: name.to_owned(), value, line: number }))
    }

    fn bare(&mut self) -> String {
        let line = self.rest.split('\n').next().unwrap_or_default();
        let end = [" #", "\t#"].iter().filter_map(|mark| line.find(mark)).min();
        let value = if line.starts_with('#') {
            ""
        } else {
            line.get(..end.unwrap_or(line.len())).unwrap_or(line)
        };
        let value = value.trim().to_owned();
        self.skip_line();
        value
    }

    fn quoted(&mut self, quote: char) -> Result<String, DotenvError> {
        let unclosed = self.error(format!("the `{quote}` is never closed"));
        self.advance(1);
        let mut value = String::new();
        loop {
            let Some(next) = self.rest.chars().next() else { return Err(unclosed) };
            self.advance(next.len_utf8());
            match next {
                end if end == quote => break,
                '\\' if quote == '"' => value.push(self.escape()?),
                '\r' if self.rest.starts_with('\n') => {}
                plain => value.push(plain),
            }
        }
        let rest = self.rest.split('\n').next().unwrap_or_default().trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(
                self.error(format!("nothing can follow the closing `{quote}`, found `{rest}`"))
            );
        }
        self.skip_line();
        Ok(value)
    }

    fn escape(&mut self) -> Result<char, DotenvError> {
        let escaped = self.rest.chars().next();
        let meaning = match escaped {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(same @ ('\\' | '"' | '$')) => same,
            Some(other) => {
                return Err(self.error(format!("`\\{other}` is no escape; write `\\\\{other}`")));
            }
            None => return Err(self.error("the file ends after `\\`".to_owned())),
        };
        self.advance(1);
        Ok(meaning)
    }

    fn skip_line(&mut self) {
        let end = self.rest.find('\n').map_or(self.rest.len(), |end| end + 1);
        self.advance(end);
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest): (&str, &'a str) = self.rest.split_at(bytes);
        self.line += passed.matches('\n').count();
        self.rest = rest;
    }

    fn error(&self, message: String) -> DotenvError {
        DotenvError { line: self.line, message }
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &str)]) {
        let variables = parse_dotenv(text).expect("the file is sound");
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
        assert_eq!(variables, expect, "{text:?}");
    }

    fn check_error(text: &str, expect: &str) {
        assert_eq!(parse_dotenv(text).expect_err("the file is broken").to_string(), expect);
    }

    #[test]
    fn values_are_bare_or_quoted() {
        check(
            "A=1\nexport B = two words # comment\r\n\n# C=3\nD=",
            &[("A", "1"), ("B", "two words"), ("D", "")],
        );
        check(
            "A='it $HOME \\n'\nB=\"a\\n\\\"b\\\" \\$x\" # c\n",
            &[("A", "it $HOME \\n"), ("B", "a\n\"b\" $x")],
        );
        check("A=\"two\nlines\"\nB=a#b", &[("A", "two\nlines"), ("B", "a#b")]);
        check("\u{feff}A=$(touch PWNED)", &[("A", "$(touch PWNED)")]);
    }

    #[test]
    fn variables_know_where_they_begin() {
        let variables = parse_dotenv("# a\nA=\"two\nlines\"\n\nexport B=1\n").expect("it is sound");
        let lines: Vec<usize> = variables.iter().map(|it| it.line).collect();
        assert_eq!(lines, [2, 5]);
    }

    #[test]
    fn errors_name_the_line() {
        check_error("A=1\nnonsense\n", "line 2: expected `NAME=value`, found `nonsense`");
        check_error("1A=1", "line 1: `1A` can't be the name of a variable");
        check_error("A=1\nB='x\n", "line 2: the `'` is never closed");
        check_error("A=\"x\ny\" z", "line 2: nothing can follow the closing `\"`, found `z`");
        check_error("A=\"\\q\"", "line 1: `\\q` is no escape; write `\\\\q`");
    }
}
