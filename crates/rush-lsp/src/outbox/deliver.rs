//! Sends what is on its way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ls_types::notification::{LogTrace, Notification};
use ls_types::{ConfigurationItem, MessageType, ProgressToken};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tower_lsp::Client;
use tower_lsp::jsonrpc::Result;

use super::{Next, Outbox, Patience, Question, Refresh};
use crate::message::{Inbox, Message};
use crate::settings::{SECTION, Settings};

/// How many questions an editor may leave unanswered before it is asked nothing more. A long step
/// that is shown is one of them until it ends.
const OPEN_MAX: usize = 64;

/// Says that what was handed in up to a question is said: the answer to a notification of the same
/// name. Only a replay asks.
pub(crate) struct Settled;

impl Notification for Settled {
    type Params = ();
    const METHOD: &'static str = "rush/settled";
}

impl Outbox {
    /// Sends what comes in, for ever. What the editor says to questions goes to `inbox`.
    pub(crate) async fn deliver(self: Arc<Self>, client: Client, inbox: Inbox) {
        let mut asked = JoinSet::new();
        loop {
            let patience = |open: usize| {
                if open < OPEN_MAX { Patience::Left } else { Patience::Spent }
            };
            while let Some(next) = self.next(patience(asked.len())) {
                match next {
                    Next::Line(level, line) => client.log_message(level, line).await,
                    Next::Trace(trace) => client.send_notification::<LogTrace>(trace).await,
                    Next::Publication(it) => {
                        client.publish_diagnostics(it.uri, it.diagnostics, it.version).await;
                    }
                    Next::Settled => client.send_notification::<Settled>(()).await,
                    Next::Refresh(refresh) => {
                        asked.spawn(ask_again(client.clone(), refresh));
                    }
                    Next::Ask(Question::Settings) => {
                        let outbox = Arc::clone(&self);
                        asked.spawn(ask_for_settings(client.clone(), outbox, inbox.clone()));
                    }
                    Next::Ask(Question::Progress { title, end }) => {
                        asked.spawn(show(client.clone(), title, end));
                    }
                }
                while asked.try_join_next().is_some() {}
            }
            tokio::select! {
                () = self.arrival.notified() => {}
                Some(_) = asked.join_next() => {}
            }
        }
    }
}

async fn ask_again(client: Client, refresh: Refresh) {
    let answer = match refresh {
        Refresh::Diagnostics => client.workspace_diagnostic_refresh().await,
        Refresh::Hints => client.inlay_hint_refresh().await,
        Refresh::Lenses => client.code_lens_refresh().await,
        Refresh::Tokens => client.semantic_tokens_refresh().await,
    };
    note_refusal(answer);
}

async fn ask_for_settings(client: Client, outbox: Arc<Outbox>, inbox: Inbox) {
    let section = ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
    match client.configuration(vec![section]).await {
        Ok(values) => {
            let (settings, problems) =
                Settings::read(values.first().unwrap_or(&serde_json::Value::Null));
            problems.into_iter().for_each(|it| outbox.tell(MessageType::WARNING, it));
            inbox.send(Message::Configured(settings));
        }
        Err(error) => tracing::warn!("the editor does not tell its settings: {error}"),
    }
}

/// Shows a step that goes on until `end`.
async fn show(client: Client, title: String, mut end: oneshot::Receiver<()>) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let token = ProgressToken::String(format!("rush-{number}"));
    note_refusal(client.create_work_done_progress(token.clone()).await);
    if !matches!(end.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
        return;
    }
    let progress = client.progress(token, title).begin().await;
    // Nothing is ever sent: the end is that the sender is dropped.
    let _ = end.await;
    progress.finish().await;
}

fn note_refusal(answer: Result<()>) {
    if let Err(error) = answer {
        tracing::debug!("the editor refuses: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::{SinkExt as _, StreamExt as _};
    use ls_types::{InitializeParams, InitializeResult};
    use serde_json::{Value, json};
    use tower::Service as _;
    use tower_lsp::jsonrpc::{Request, Response, Result};
    use tower_lsp::{LanguageServer, LspService};

    use crate::message::Inbox;
    use crate::outbox::Outbox;

    struct Nothing;

    impl LanguageServer for Nothing {
        async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
            Ok(InitializeResult::default())
        }

        async fn shutdown(&self) -> Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_long_step_is_shown_from_its_beginning_to_its_end() {
        let mut client = None;
        let (mut service, socket) = LspService::new(|it| {
            client = Some(it);
            Nothing
        });
        let start = Request::build("initialize").params(json!({ "capabilities": {} })).id(1);
        service.call(start.finish()).await.unwrap();
        let (mut said, mut answers) = socket.split();
        let outbox = Arc::new(Outbox::default());
        outbox.open();
        let (inbox, _messages) = Inbox::new();
        tokio::spawn(Arc::clone(&outbox).deliver(client.unwrap(), inbox));

        let progress = outbox.show_progress("checking `w`".to_owned());
        let asked = said.next().await.unwrap();
        assert_eq!(asked.method(), "window/workDoneProgress/create");
        let token = asked.params().unwrap()["token"].clone();
        let agreed = Response::from_ok(asked.id().unwrap().clone(), Value::Null);
        answers.send(agreed).await.unwrap();
        let began = said.next().await.unwrap().params().unwrap().clone();
        assert_eq!((&began["token"], &began["value"]["kind"]), (&token, &json!("begin")));
        assert_eq!(began["value"]["title"], "checking `w`");
        drop(progress);
        let ended = said.next().await.unwrap().params().unwrap().clone();
        assert_eq!((&ended["token"], &ended["value"]["kind"]), (&token, &json!("end")));
    }
}
