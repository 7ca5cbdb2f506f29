//! A workspace that is compiled only when a question about it has no remembered answer.
//!
//! The answers are those of [`list`](crate::list()), [`plan`](crate::plan()) and so on for the same
//! files, whether they are remembered or worked out now. What failed is never remembered, nor is what
//! an error in Rush itself may have touched.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rush_plan::{Goal, Plan, ReadKey};
use rush_project::{Project, ProjectError, machine_facts};
use rush_system::System;

use crate::check::broken;
use crate::describe::{Described, describe};
use crate::flag::{TaskFlag, task_flags};
use crate::label::LabelError;
use crate::list::{ListedText, Listing, Which, list};
use crate::plan::{Planned, plan};
use crate::reads::answer;
use crate::remembered::{self, Answers, BuildId, RememberedDescription, RememberedReport};
use crate::vocabulary::{Vocabulary, vocabulary};

/// A workspace that was found, and is opened when need be.
pub struct Workspace {
    system: Arc<dyn System>,
    start: Utf8PathBuf,
    root: Utf8PathBuf,
    /// Who remembers; nobody where nothing is to be remembered.
    build: Option<BuildId>,
    project: OnceCell<Project>,
    answers: RefCell<Option<Answers>>,
}

/// A question that can have a remembered answer.
enum Question<'a> {
    Listing(Which),
    /// A list as text, in a form that whoever asks has a name for.
    ListedText(Which, &'a str),
    Vocabulary,
    TaskFlags(&'a str),
    Description(&'a str),
    BrokenItems,
    Plan(&'a Goal),
}

/// A plan that is to be remembered, and all that it takes but the plan.
pub struct UnwrittenPlan {
    answers: Answers,
    question: Vec<u8>,
    report: RememberedReport,
}

impl UnwrittenPlan {
    /// Remembers the plan.
    pub fn write(self, plan: &Plan) {
        if let Some(bytes) = write_plan(plan, &self.report) {
            self.answers.remember_bytes(&self.question, &bytes);
        }
    }
}

impl Workspace {
    /// Finds the workspace around a place, without opening it if that was done before and nothing has
    /// changed since. `build` is who asks; without it nothing is remembered.
    pub fn open(
        system: Arc<dyn System>,
        start: &Utf8Path,
        build: Option<BuildId>,
    ) -> Result<Self, ProjectError> {
        let recalled = build.as_ref().and_then(|it| remembered::recall(&system, it, start));
        let (root, project, answers) = match recalled {
            Some((root, answers)) => (root, OnceCell::new(), Some(answers)),
            None => {
                let (project, answers) = opened(&system, start, build.as_ref())?;
                (project.root().to_owned(), OnceCell::from(project), answers)
            }
        };
        let (start, answers) = (start.to_owned(), RefCell::new(answers));
        Ok(Self { system, start, root, build, project, answers })
    }

    /// The same workspace with nothing remembered: neither is anything looked up, nor kept.
    pub fn without_memory(self) -> Result<Self, ProjectError> {
        let (project, _) = opened(&self.system, &self.start, None)?;
        let (root, project) = (project.root().to_owned(), OnceCell::from(project));
        Ok(Self { root, project, build: None, answers: RefCell::default(), ..self })
    }

    /// The absolute path of the workspace, without links.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Whether its files were read, so not everything that was asked was remembered.
    pub fn is_opened(&self) -> bool {
        self.project.get().is_some()
    }

    /// The workspace with its files read.
    pub fn project(&self) -> Result<&Project, ProjectError> {
        if let Some(project) = self.project.get() {
            return Ok(project);
        }
        let (project, answers) = opened(&self.system, &self.start, self.build.as_ref())?;
        // The files may have changed since; from here on, all is about what was read now.
        self.answers.replace(answers);
        Ok(self.project.get_or_init(|| project))
    }

    /// What can be run; see [`list`](crate::list()).
    pub fn list(&self, which: Which) -> Result<Listing, ProjectError> {
        self.remembered(&Question::Listing(which), |project| {
            let listed = list(project, which);
            let is_certain = listed.is_certain;
            (listed, is_certain)
        })
    }

    /// The same as a text that `show` makes. The text is remembered, so `form` names everything that it depends on
    /// besides the list.
    pub fn listed_text(
        &self,
        which: Which,
        form: &str,
        show: impl FnOnce(&Listing) -> String,
    ) -> Result<ListedText, ProjectError> {
        self.remembered(&Question::ListedText(which, form), |project| {
            let listed = list(project, which);
            let text = ListedText { text: show(&listed), broken: listed.broken };
            (text, listed.is_certain)
        })
    }

    /// The words that can be typed here; see [`vocabulary`](crate::vocabulary()).
    pub fn vocabulary(&self) -> Result<Vocabulary, ProjectError> {
        self.remembered(&Question::Vocabulary, |project| (vocabulary(project), true))
    }

    /// How many items have errors; see [`broken_items`](crate::broken_items()).
    pub fn broken_items(&self) -> Result<usize, ProjectError> {
        self.remembered(&Question::BrokenItems, |project| {
            let broken = broken(project);
            (broken.items.len(), broken.is_certain)
        })
    }

    /// The flags that may follow a label; see [`task_flags`](crate::task_flags()).
    pub fn task_flags(
        &self,
        label: &str,
    ) -> Result<Result<Vec<TaskFlag>, LabelError>, ProjectError> {
        let question = Question::TaskFlags(label).key();
        if let Some(flags) = self.recall(|answers| answers.recall(&question)) {
            return Ok(Ok(flags));
        }
        let flags = task_flags(self.project()?, label);
        if let (Ok(flags), Some(answers)) = (&flags, &*self.answers.borrow()) {
            answers.remember(&question, flags);
        }
        Ok(flags)
    }

    /// What a label names; see [`describe`](crate::describe()).
    pub fn describe(
        &self,
        label: &str,
    ) -> Result<Result<Vec<Described>, LabelError>, ProjectError> {
        let question = Question::Description(label).key_on(&*self.system);
        let recalled: Option<Vec<RememberedDescription>> =
            self.recall(|answers| answers.recall(&question));
        let again = |it: Vec<RememberedDescription>| {
            it.into_iter().map(RememberedDescription::into_described).collect()
        };
        if let Some(described) = recalled.and_then(again) {
            return Ok(Ok(described));
        }
        let described = describe(self.project()?, label);
        if let (Ok(described), Some(answers)) = (&described, &*self.answers.borrow())
            && let Some(answer) =
                described.iter().map(RememberedDescription::of).collect::<Option<Vec<_>>>()
        {
            answers.remember(&question, &answer);
        }
        Ok(described)
    }

    /// Plans what was asked for; see [`plan`](crate::plan()). What planning read is read again before a
    /// remembered plan is taken for the plan.
    pub fn plan(&self, goal: Goal) -> Result<Planned, ProjectError> {
        let (planned, unwritten) = self.plan_unwritten(goal)?;
        if let (Planned::Plan(plan, _), Some(unwritten)) = (&planned, unwritten) {
            unwritten.write(plan);
        }
        Ok(planned)
    }

    /// The same, but a new plan is not remembered yet: writing a large one down takes room, which is
    /// there once the workspace is let go of.
    pub fn plan_unwritten(
        &self,
        goal: Goal,
    ) -> Result<(Planned, Option<UnwrittenPlan>), ProjectError> {
        let question = Question::Plan(&goal).key_on(&*self.system);
        let recalled = self.recall(|answers| answers.recall_bytes(&question, read_plan));
        if let Some((plan, report)) = recalled.filter(|(plan, _)| self.holds(plan))
            && let Some(report) = report.into_report()
        {
            return Ok((Planned::Plan(Box::new(plan), report), None));
        }
        let planned = plan(self.project()?, goal);
        let unwritten = match (&planned, &*self.answers.borrow()) {
            (Planned::Plan(_, report), Some(answers)) => {
                let (answers, report) = (answers.clone(), RememberedReport::of(report));
                Some(UnwrittenPlan { answers, question, report })
            }
            _ => None,
        };
        Ok((planned, unwritten))
    }

    fn recall<T>(&self, recall: impl FnOnce(&Answers) -> Option<T>) -> Option<T> {
        self.answers.borrow().as_ref().and_then(recall)
    }

    /// A remembered answer, else a new one, which is remembered if it is certain.
    fn remembered<T: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        question: &Question<'_>,
        work_out: impl FnOnce(&Project) -> (T, bool),
    ) -> Result<T, ProjectError> {
        let question = question.key();
        if let Some(answer) = self.recall(|answers| answers.recall(&question)) {
            return Ok(answer);
        }
        let (answer, is_certain) = work_out(self.project()?);
        if let Some(answers) = self.answers.borrow().as_ref().filter(|_| is_certain) {
            answers.remember(&question, &answer);
        }
        Ok(answer)
    }

    /// Whether everything that planning read is still the same.
    fn holds(&self, plan: &Plan) -> bool {
        let read = |key: &ReadKey| answer(&*self.system, &self.root, key);
        plan.content().reads.iter().all(|it| read(&it.key).digest() == it.digest)
    }
}

fn opened(
    system: &Arc<dyn System>,
    start: &Utf8Path,
    build: Option<&BuildId>,
) -> Result<(Project, Option<Answers>), ProjectError> {
    match build {
        Some(build) => remembered::open(system, build, start),
        None => Ok((Project::open_once(system.clone(), start)?, None)),
    }
}

impl Question<'_> {
    /// The question as bytes, different for different questions.
    fn key(&self) -> Vec<u8> {
        match self {
            Self::Listing(Which::Public) => b"list".to_vec(),
            Self::Listing(Which::All) => b"list all".to_vec(),
            Self::ListedText(Which::Public, form) => format!("listed {form}").into_bytes(),
            Self::ListedText(Which::All, form) => format!("listed all {form}").into_bytes(),
            Self::Vocabulary => b"vocabulary".to_vec(),
            Self::TaskFlags(label) => format!("flags {label}").into_bytes(),
            Self::Description(label) => format!("describe {label}").into_bytes(),
            Self::BrokenItems => b"broken".to_vec(),
            Self::Plan(goal) => {
                let goal = serde_json::to_string(goal);
                format!("plan {}", goal.expect("the keys of a goal are texts")).into_bytes()
            }
        }
    }

    /// The question as bytes, where the answer also depends on the machine.
    fn key_on(&self, system: &dyn System) -> Vec<u8> {
        let host =
            serde_json::to_string(&machine_facts(system)).expect("the facts have text as keys");
        [self.key(), b"\non ".to_vec(), host.into_bytes()].concat()
    }
}

/// A report with its length before it, then the plan.
fn write_plan(plan: &Plan, report: &RememberedReport) -> Option<Vec<u8>> {
    let report = rmp_serde::to_vec(report).ok()?;
    let length = u32::try_from(report.len()).ok()?.to_le_bytes();
    Some([&length[..], &report, &plan.to_compact()].concat())
}

fn read_plan(bytes: &[u8]) -> Option<(Plan, RememberedReport)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (report, plan) = rest.split_at_checked(length)?;
    Some((Plan::from_compact(plan)?, rmp_serde::from_slice(report).ok()?))
}
