//! Key generations in the front matter of a course.

use crate::config::{Fields, Located, Value};

/// Which key generations a course has. What its author does not say follows from what he says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Epochs {
    /// `epoch`: what the course is sealed under.
    pub epoch: Option<u32>,
    /// `epochs`: what the key endpoint serves, ascending; empty where it follows from `epoch`.
    pub served: Vec<u32>,
    /// `rotated`: when the keys of the newest epoch were begun, seconds since 1970.
    pub rotated: Option<u64>,
}

impl Epochs {
    /// What the course is sealed under, 1 at first.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch.unwrap_or(1)
    }

    /// What the key endpoint serves: one epoch, or two while keys rotate.
    #[must_use]
    pub fn all_served(&self) -> Vec<u32> {
        if self.served.is_empty() { vec![self.epoch()] } else { self.served.clone() }
    }

    /// Takes `epoch`, `epochs` and `rotated` out.
    pub(super) fn take(fields: &mut Fields<'_>) -> Self {
        const HINT: &str = "`bookplate rotate` writes this line: one epoch, or two in a row while keys rotate, `epoch` among them";
        let mut is = Self::default();
        if let Some((n, span)) = fields.integer("epoch") {
            is.epoch = u32::try_from(n).ok().filter(|n| *n > 0);
            if is.epoch.is_none() {
                fields.fault("key/value", format!("`{n}` is not an epoch"), span, "epochs count from 1");
            }
        }
        if let Some(list) = fields.take("epochs") {
            let number = |item: &Located| match item.value {
                Value::Integer(n, _) => u32::try_from(n).ok().filter(|n| *n > 0),
                _ => None,
            };
            let epochs: Option<Vec<u32>> = match &list.value {
                Value::List(items) => items.iter().map(number).collect(),
                _ => None,
            };
            let fits = |epochs: &[u32]| match epochs {
                [one] => *one == is.epoch(),
                [old, new] => *new == old.saturating_add(1) && epochs.contains(&is.epoch()),
                _ => false,
            };
            match epochs.filter(|epochs| fits(epochs)) {
                Some(epochs) => is.served = epochs,
                None => fields.fault("key/value", "these epochs cannot be served", list.span, HINT),
            }
        }
        if let Some((text, span)) = fields.text("rotated") {
            let at = text.parse::<jiff::Timestamp>().ok().and_then(|at| u64::try_from(at.as_second()).ok());
            match at {
                Some(at) => is.rotated = Some(at),
                None => fields.fault("key/value", format!("`{text}` is not a time"), span, "write it as `2026-03-02T10:00:00Z`"),
            }
        }
        is
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Front, Kind, read_front, split};

    fn read(lines: &str) -> Result<Front, String> {
        let text = format!("---\n{lines}\n---\n");
        let (front, found) = read_front("content/c/index.md", &text, &split(&text), Kind::Course);
        if found.has_errors() { Err(found.render(9)) } else { Ok(front) }
    }

    #[test]
    fn what_is_served_follows_or_is_said() {
        for (lines, sealed, served) in [
            ("title: C", 1, vec![1]),
            ("epoch: 3", 3, vec![3]),
            ("epoch: 3\nepochs: [3]", 3, vec![3]),
            ("epochs: [1, 2]", 1, vec![1, 2]),
            ("epoch: 2\nepochs: [1, 2]", 2, vec![1, 2]),
        ] {
            let is = read(lines).unwrap().course.epochs;
            assert_eq!((is.epoch(), is.all_served()), (sealed, served), "{lines}");
        }
        let at = |text: &str| read(&format!("rotated: {text}")).unwrap().course.epochs.rotated;
        assert_eq!(at("2026-03-02T10:00:00Z"), Some(1_772_445_600));
    }

    #[test]
    fn epochs_that_cannot_be_are_errors() {
        for lines in
            ["epochs: [2]", "epochs: []", "epochs: 1", "epochs: [1, 3]", "epochs: [2, 1]", "epochs: [1, 2, 3]", "epoch: 3\nepochs: [1, 2]"]
        {
            assert!(read(lines).unwrap_err().contains("cannot be served"), "{lines}");
        }
        assert!(read("rotated: soon").unwrap_err().contains("not a time"));
        assert!(read("epoch: 0").unwrap_err().contains("count from 1"));
    }
}
