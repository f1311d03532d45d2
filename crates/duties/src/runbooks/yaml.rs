//! YAML as a tree of texts with places. Anchors, aliases, tags and merge keys are refused, so that a file is what it looks
//! like and can't grow when it is read; depth, nodes and size are bounded. Never guesses a type.

use super::problem::{Place, Problems};
use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

pub(super) const MOST_BYTES: usize = 256 * 1024;
const MOST_NODES: usize = 10_000;
const DEEPEST: usize = 12;

#[derive(Debug)]
pub(super) struct Node {
    pub place: Place,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Text(Text),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

#[derive(Debug)]
pub(super) struct Text {
    pub text: String,
    pub style: ScalarStyle,
}

impl Node {
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(&text.text),
            _ => None,
        }
    }

    /// Whether nothing stands there: `key:` or `key: null`.
    pub fn is_nothing(&self) -> bool {
        matches!(&self.kind, Kind::Text(t) if t.style == ScalarStyle::Plain && matches!(t.text.as_str(), "" | "~" | "null"))
    }

    /// What it is, for people.
    pub const fn what(&self) -> &'static str {
        match self.kind {
            Kind::Text(_) => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

/// The one document of the text; `None` after an error that was noted.
pub(super) fn tree(text: &str, problems: &mut Problems) -> Option<Node> {
    let start = Place { line: 1, column: 1 };
    if text.len() > MOST_BYTES {
        problems.error(start, format!("the file has {} bytes", text.len()), format!("at most {MOST_BYTES} are read"));
        return None;
    }
    if let Some(at) = text.find('\0') {
        let line = text[..at].matches('\n').count() + 1;
        problems.error(Place { line, column: 1 }, "there is a NUL character", "take it out");
        return None;
    }
    let mut builder = Builder::default();
    for next in Parser::new_from_str(text) {
        let step = match next {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => {
                let info = error.info();
                Err((place(error.marker()), format!("this is no YAML: {info}"), "mend the line".to_owned()))
            }
        };
        if let Err((place, says, remedy)) = step {
            problems.error(place, says, remedy);
            return None;
        }
    }
    if builder.root.is_none() {
        problems.error(start, "the file is empty", "a runbook has at least name, title and steps");
    }
    builder.root
}

type Refused = (Place, String, String);

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    nodes: usize,
    documents: usize,
}

struct Open {
    node: Node,
    key: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Refused> {
        let at = place(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                plain(at, anchor, tag.is_some())?;
                self.put(Node { place: at, kind: Kind::Text(Text { text: text.into_owned(), style }) })
            }
            Event::SequenceStart(_, anchor, tag) => {
                plain(at, anchor, tag.is_some())?;
                self.open(Node { place: at, kind: Kind::List(Vec::new()) })
            }
            Event::MappingStart(_, anchor, tag) => {
                plain(at, anchor, tag.is_some())?;
                self.open(Node { place: at, kind: Kind::Map(Vec::new()) })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => self.put(open.node),
                None => Ok(()),
            },
            Event::Alias(_) | Event::UnresolvedAlias(_) | Event::Anchor(..) => plain(at, 1, false),
            Event::DocumentStart(..) => self.document(at),
            _ => Ok(()),
        }
    }

    fn document(&mut self, at: Place) -> Result<(), Refused> {
        self.documents += 1;
        if self.documents > 1 {
            return Err((at, "a second document begins here".into(), "one file is one runbook".into()));
        }
        Ok(())
    }

    fn open(&mut self, node: Node) -> Result<(), Refused> {
        if self.open.len() >= DEEPEST {
            return Err((node.place, format!("this is nested more than {DEEPEST} deep"), "no runbook is".into()));
        }
        self.open.push(Open { node, key: None });
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<(), Refused> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err((node.place, format!("the file has more than {MOST_NODES} values"), "split it".into()));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.kind {
            Kind::List(items) => items.push(node),
            Kind::Map(entries) => match open.key.take() {
                Some(key) => entries.push((key, node)),
                None if node.text().is_some() => open.key = Some(node),
                None => return Err((node.place, "a key is no single word".into(), "give it a name".into())),
            },
            Kind::Text(_) => {}
        }
        Ok(())
    }
}

fn plain(at: Place, anchor: usize, is_tagged: bool) -> Result<(), Refused> {
    if anchor != 0 {
        return Err((
            at,
            "anchors and aliases (& and *) are not read".into(),
            "write the value out, or quote it".into(),
        ));
    }
    if is_tagged {
        return Err((at, "tags (!) are not read".into(), "take it out, or quote the value".into()));
    }
    Ok(())
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}
