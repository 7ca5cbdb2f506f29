//! Colours, used sparingly: names, what is dimmed, and how a task ended.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// A name to type.
    Name,
    /// A heading.
    Heading,
    /// Less important than what is around it.
    Dim,
    /// It went well.
    Good,
    /// It went badly.
    Bad,
    /// Neither.
    Attention,
}

impl Paint {
    /// The text in this colour, if there are colours.
    pub(crate) fn on(self, text: &str, style: rush_diagnostics::HumanStyle) -> String {
        if style.color == rush_diagnostics::Color::Never || text.is_empty() {
            return text.to_owned();
        }
        let code = match self {
            Self::Name => "1;36",
            Self::Heading => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Bad => "1;31",
            Self::Attention => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
