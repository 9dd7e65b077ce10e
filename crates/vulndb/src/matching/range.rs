//! Whether an installed version is among the affected ones, by comparison of keys.
//!
//! Keys of the database's versions are made once and kept for all packages of a run.

use std::collections::HashMap;

use crate::db::{Bound, Index, Malformed};
use crate::version::{Key, Scheme};

/// Is an installed version, ready to be compared.
#[derive(Clone, Debug)]
pub struct Installed {
    text: Option<String>,
    key: Result<Key, String>,
    /// The key without the epoch, where an rpm has one that is not 0.
    epochless: Option<Key>,
}

impl Installed {
    /// Reads an installed version; one that the scheme cannot order, or none at all, is kept with its reason.
    #[must_use]
    pub fn new(scheme: Scheme, version: Option<&str>) -> Self {
        let Some(text) = version.map(str::trim).filter(|text| !text.is_empty()) else {
            return Self {
                text: None,
                key: Err("the package has no version".to_owned()),
                epochless: None,
            };
        };
        let epochless = match (scheme, text.split_once(':')) {
            (Scheme::Rpm, Some((epoch, rest))) if !epoch.trim_start_matches('0').is_empty() => {
                scheme.key(rest).ok()
            }
            _ => None,
        };
        Self {
            key: scheme.key(text).map_err(|reason| reason.to_string()),
            text: Some(text.to_owned()),
            epochless,
        }
    }

    /// Returns the key, or why there is none.
    ///
    /// # Errors
    ///
    /// The reason, worded for people.
    pub fn key(&self) -> Result<&Key, &str> {
        self.key.as_ref().map_err(String::as_str)
    }
}

/// Answers whether a version is affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Affected {
        /// The version that ends its interval as the fix, by number.
        fix: Option<u32>,
        /// Whether it is listed rather than within a range.
        listed: bool,
        /// Whether epochs were left out, because the record writes none and the package has one.
        epoch_assumed: bool,
    },
    /// It is not.
    Outside,
    /// The versions cannot be ordered; the reason is for people.
    Undetermined(String),
}

/// Is one comparison of the installed version with a version of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// What the version is in the record.
    pub with: Role,
    /// The version.
    pub version: String,
    /// How the installed version stands to it; none where they do not order.
    pub order: Option<std::cmp::Ordering>,
    /// Whether epochs were left out.
    pub epoch_assumed: bool,
}

/// Tells what a version is in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The first affected one.
    Introduced,
    /// The first that is fixed.
    Fixed,
    /// The first that a record says nothing of.
    Limit,
    /// The last affected one.
    LastAffected,
    /// An affected one by itself.
    Listed,
}

struct Known {
    key: Option<Key>,
    has_epoch: bool,
    text: String,
}

/// Judges versions against the programs of an index.
pub struct Ranges<'i> {
    index: &'i Index,
    known: HashMap<(Scheme, u32), Known>,
}

impl<'i> Ranges<'i> {
    /// Starts with nothing kept.
    #[must_use]
    pub fn new(index: &'i Index) -> Self {
        Self {
            index,
            known: HashMap::new(),
        }
    }

    fn known(&mut self, scheme: Scheme, number: u32) -> Result<&Known, Malformed> {
        use std::collections::hash_map::Entry;
        match self.known.entry((scheme, number)) {
            Entry::Occupied(place) => Ok(place.into_mut()),
            Entry::Vacant(place) => {
                let text = self.index.version(number)?;
                Ok(place.insert(Known {
                    key: scheme.key(&text).ok(),
                    has_epoch: text.contains(':'),
                    text,
                }))
            }
        }
    }

    /// Returns the text of a version.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn text(&mut self, scheme: Scheme, number: u32) -> Result<String, Malformed> {
        Ok(self.known(scheme, number)?.text.clone())
    }

    /// Compares the installed version with one of the database: `None` where that one has no place in the order. The second value says that
    /// epochs were left out.
    fn compare(
        &mut self,
        scheme: Scheme,
        installed: &Installed,
        number: u32,
        role: Role,
        trace: Option<&mut Vec<Compared>>,
    ) -> Result<Option<(std::cmp::Ordering, bool)>, Malformed> {
        let known = self.known(scheme, number)?;
        let compared = match (&known.key, &installed.key) {
            (Some(bound), Ok(key)) => Some(match &installed.epochless {
                Some(epochless) if !known.has_epoch => (epochless.cmp(bound), true),
                _ => (key.cmp(bound), false),
            }),
            _ => None,
        };
        if let Some(trace) = trace {
            trace.push(Compared {
                with: role,
                version: known.text.clone(),
                order: compared.map(|(order, _)| order),
                epoch_assumed: compared.is_some_and(|(_, assumed)| assumed),
            });
        }
        Ok(compared)
    }

    /// Judges a version by a program. `unordered` says that the record has ranges which its scheme could not order. Every comparison on the way is
    /// written to `trace`, where there is one.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn judge(
        &mut self,
        scheme: Scheme,
        installed: &Installed,
        program: u32,
        unordered: bool,
        mut trace: Option<&mut Vec<Compared>>,
    ) -> Result<Verdict, Malformed> {
        let program = self.index.program(program)?;
        let mut open_question =
            unordered.then(|| "the record has versions that do not order".to_owned());
        for (start, end) in &program.intervals {
            if start.is_none() && *end == Bound::Open {
                return Ok(affected(None, false));
            }
            if let Err(reason) = &installed.key {
                open_question = Some(reason.clone());
                continue;
            }
            let mut assumed = false;
            if let Some(start) = start {
                match self.compare(
                    scheme,
                    installed,
                    *start,
                    Role::Introduced,
                    trace.as_deref_mut(),
                )? {
                    Some((order, without_epoch)) => {
                        assumed |= without_epoch;
                        if order.is_lt() {
                            continue;
                        }
                    }
                    None => {
                        open_question = Some("the record has versions that do not order".into());
                        continue;
                    }
                }
            }
            let (number, role) = match end {
                Bound::Open => return Ok(affected(None, assumed)),
                Bound::Fixed(number) => (*number, Role::Fixed),
                Bound::Limit(number) => (*number, Role::Limit),
                Bound::LastAffected(number) => (*number, Role::LastAffected),
            };
            match self.compare(scheme, installed, number, role, trace.as_deref_mut())? {
                Some((order, without_epoch)) => {
                    if order.is_lt() || (role == Role::LastAffected && order.is_eq()) {
                        let fix = match end {
                            Bound::Fixed(number) => Some(*number),
                            _ => None,
                        };
                        return Ok(affected(fix, assumed | without_epoch));
                    }
                }
                None => open_question = Some("the record has versions that do not order".into()),
            }
        }
        for number in &program.listed {
            let compared = self.compare(
                scheme,
                installed,
                *number,
                Role::Listed,
                trace.as_deref_mut(),
            )?;
            let same = match compared {
                Some((order, _)) => order.is_eq(),
                None => installed.text.as_deref() == Some(&self.known(scheme, *number)?.text),
            };
            if same {
                return Ok(Verdict::Affected {
                    fix: None,
                    listed: true,
                    epoch_assumed: false,
                });
            }
            if let Err(reason) = &installed.key {
                open_question = Some(reason.clone());
            }
        }
        Ok(open_question.map_or(Verdict::Outside, Verdict::Undetermined))
    }
}

impl Ranges<'_> {
    /// Says whether a fix that the program names is at or below the installed version.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the segment is broken.
    pub fn is_fixed(
        &mut self,
        scheme: Scheme,
        installed: &Installed,
        program: u32,
    ) -> Result<bool, Malformed> {
        for (_, end) in self.index.program(program)?.intervals {
            if let Bound::Fixed(number) = end
                && let Some((order, _)) =
                    self.compare(scheme, installed, number, Role::Fixed, None)?
                && order.is_ge()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn affected(fix: Option<u32>, epoch_assumed: bool) -> Verdict {
    Verdict::Affected {
        fix,
        listed: false,
        epoch_assumed,
    }
}
