//! New keys for a course in three steps, so that at every moment the pages that stand open somewhere find their keys.
//!
//! | step | sealed under | endpoint serves |
//! |---|---|---|
//! | at rest | 1 | 1 |
//! | [`Step::Announce`] | 1 | 1, 2 |
//! | [`Step::Publish`] | 2 | 1, 2 |
//! | [`Step::Drop`] | 2 | 2 |

use super::{Catalog, Course};
use crate::protocol::{CourseId, Epoch};

/// The epochs of a course at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// What its files are sealed under.
    pub sealed: Epoch,
    /// What the endpoint serves, ascending.
    pub served: Vec<Epoch>,
}

/// The way to a new epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The endpoint serves the next epoch beside the one in use.
    Announce,
    /// The site is sealed under the next one.
    Publish,
    /// The endpoint serves the former one no more.
    Drop,
}

impl Stage {
    /// Of a course in a catalog.
    #[must_use]
    pub fn of(course: &Course) -> Self {
        let mut served = course.epochs.clone();
        served.sort_unstable();
        Self { sealed: course.sealed_epoch(), served }
    }

    /// The step that comes next, and the epochs after it. `None` at the last epoch there can be.
    #[must_use]
    pub fn next(&self) -> Option<(Step, Self)> {
        let newest = self.served.iter().copied().max().unwrap_or(self.sealed);
        if newest > self.sealed {
            return Some((Step::Publish, Self { sealed: newest, served: self.served.clone() }));
        }
        if self.served.len() > 1 {
            return Some((Step::Drop, Self { sealed: newest, served: vec![newest] }));
        }
        let next = Epoch(newest.0.checked_add(1)?);
        Some((Step::Announce, Self { sealed: self.sealed, served: vec![newest, next] }))
    }

    /// True between two rotations.
    #[must_use]
    pub fn at_rest(&self) -> bool {
        self.served == [self.sealed]
    }
}

impl Catalog {
    /// The courses that would be sealed under a lower epoch than they were in `last`, with both: copies that were locked out since would
    /// open what is published.
    #[must_use]
    pub fn behind(&self, last: &Catalog) -> Vec<(&CourseId, Epoch, Epoch)> {
        let falls = |course: &Course| last.course(&course.id).map(Course::sealed_epoch).filter(|was| *was > course.sealed_epoch());
        self.courses.iter().filter_map(|course| Some((&course.id, course.sealed_epoch(), falls(course)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(sealed: u32, served: &[u32]) -> Stage {
        Stage { sealed: Epoch(sealed), served: served.iter().copied().map(Epoch).collect() }
    }

    #[test]
    fn three_steps_lead_to_the_next_epoch() {
        let steps = [(Step::Announce, keys(1, &[1, 2])), (Step::Publish, keys(2, &[1, 2])), (Step::Drop, keys(2, &[2]))];
        let mut at = keys(1, &[1]);
        for (step, after) in steps {
            assert_eq!(at.next(), Some((step, after.clone())));
            assert!(after.served.contains(&at.sealed), "what stands open finds its keys after {step:?}");
            at = after;
        }
        assert!(at.at_rest() && !keys(1, &[1, 2]).at_rest() && !keys(2, &[1, 2]).at_rest());
        assert_eq!(keys(u32::MAX, &[u32::MAX]).next(), None);
    }

    #[test]
    fn going_back_is_seen_and_giving_up_before_publication_is_not() {
        let catalog = |epochs: &str| {
            let text = format!(
                r#"{{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[
                {{"id":"a","title":"A","url":"a/","params":"2.2048.1",{epochs}}}]}}"#
            );
            Catalog::from_json(text.as_bytes()).unwrap()
        };
        let behind =
            |now: &str, last: &str| catalog(now).behind(&catalog(last)).iter().map(|(_, now, last)| (now.0, last.0)).collect::<Vec<_>>();
        assert_eq!(behind(r#""epochs":[1]"#, r#""epochs":[2]"#), [(1, 2)]);
        assert_eq!(behind(r#""epochs":[1,2],"sealed":1"#, r#""epochs":[1,2]"#), [(1, 2)]);
        assert_eq!(behind(r#""epochs":[1]"#, r#""epochs":[1,2],"sealed":1"#), []);
        assert_eq!(behind(r#""epochs":[2]"#, r#""epochs":[1,2]"#), []);
    }
}
