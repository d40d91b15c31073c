//! Who may read what, as types: the rule that stops leaks.
//!
//! Text for sale lives in [`Sealed`], text for everybody in [`Public`]. Both have private fields. A lesson's body is
//! sorted by [`Access::sort`] alone, so that the access of a lesson decides once, and everything that writes public output (templates, outline,
//! page head, feeds, search) takes `Public` alone. A leak is then a compile error:
//!
//! ```compile_fail,E0308
//! use bookplate::access::{Access, Public, Sealed, Sorted};
//! fn page_head(description: &Public<String>) {}
//! if let Sorted::Sealed(body) = Access::Premium.sort(String::from("for sale")) {
//!     page_head(&body); // expected `&Public<String>`, found `&Sealed<String>`
//! }
//! ```
//! Neither type can be made by hand, nor opened by pattern:
//! ```compile_fail,E0423
//! let forged = bookplate::access::Public(String::from("for sale"));
//! ```
//! ```compile_fail,E0599
//! use bookplate::access::{Access, Sorted};
//! if let Sorted::Sealed(body) = Access::Premium.sort(String::from("for sale")) {
//!     println!("{}", body.get()); // only `Public` has `get`
//! }
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who may read a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Everybody reads all of it.
    Free,
    /// Starts free and ends sealed, from `<!-- paywall -->` on.
    Preview,
    /// All of it is for sale.
    Premium,
}

impl Access {
    /// Every value, as authors write it.
    pub const ALL: [Access; 3] = [Access::Free, Access::Preview, Access::Premium];

    /// The word in front matter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Access::Free => "free",
            Access::Preview => "preview",
            Access::Premium => "premium",
        }
    }

    /// The value that an author wrote, if it is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == text)
    }

    /// Sorts text by access, the only way to make [`Sealed`]. A preview lesson is cut first: its head is sorted as
    /// [`Access::Free`], its tail as [`Access::Premium`]; whole, it counts as sealed.
    pub fn sort<T>(self, value: T) -> Sorted<T> {
        match self {
            Access::Free => Sorted::Public(Public(value)),
            Access::Preview | Access::Premium => Sorted::Sealed(Sealed(value)),
        }
    }
}

/// What [`Access::sort`] made of a value.
#[derive(Debug, Clone)]
pub enum Sorted<T> {
    /// For everybody.
    Public(Public<T>),
    /// For sale.
    Sealed(Sealed<T>),
}

/// Text that everybody may read: titles, settings, free lessons.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Public<T>(T);

impl<T> Public<T> {
    /// The value.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The value itself.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// What is made of public text alone is public.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Public<U> {
        Public(f(self.0))
    }

    /// The same, borrowed.
    pub fn as_ref(&self) -> Public<&T> {
        Public(&self.0)
    }
}

/// `Access::Free` applied to something that is public by what it is: a title, a setting, text of the theme.
pub fn public<T>(value: T) -> Public<T> {
    Public(value)
}

/// Text for sale. It has no `Display`, no `Serialize` and no getter: only sealing, the gate, which keeps it in, and what is shown to its
/// author look inside, and they say so by [`Sealed::open_for_sealing`], [`Sealed::open_for_gate`] and [`Sealed::open_for_author`] (the
/// room test holds who may).
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed<T>(T);

impl<T> Sealed<T> {
    /// What is made of sealed text is sealed.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Sealed<U> {
        Sealed(f(self.0))
    }

    /// The same, borrowed.
    pub fn as_ref(&self) -> Sealed<&T> {
        Sealed(&self.0)
    }

    /// The value, to be encrypted.
    pub fn open_for_sealing(&self) -> &T {
        &self.0
    }

    /// The value, to be searched for in outputs.
    pub fn open_for_gate(&self) -> &T {
        &self.0
    }

    /// The value, for its author's eyes: a review, one copy, a leak. Never for the outputs of a site.
    pub fn open_for_author(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}
