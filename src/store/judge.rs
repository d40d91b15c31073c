//! Reads the facts of one order, sorted by [`Fact::place`], and says what they give.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::entitlement::{Entitlement, Licence, Lock, State};
use super::fact::{Fact, Invoice, LicenceKey, Subscription, What};
use crate::pay::{Initials, Item, LicenceStatus, PauseMode, Status, SubscriptionStatus};
use crate::protocol::{CourseId, OrderRef, Seat};

/// The provider's ids are numbers that grow: sorted as numbers.
type Id = (usize, String);

/// What was read, by what it is about.
#[derive(Default)]
pub(super) struct Judge {
    paid: bool,
    refunds: Vec<(u64, Status)>,
    author: Option<(u64, Word)>,
    seats: u32,
    initials: Option<Initials>,
    number: Option<String>,
    items: BTreeSet<Item>,
    courses: BTreeSet<CourseId>,
    references: BTreeSet<Digest>,
    licences: BTreeMap<Id, Key>,
    subscriptions: BTreeMap<Id, Subscription>,
    /// By subscription, then by when they were made: since when they are refunded.
    payments: BTreeMap<Id, BTreeMap<(u64, Id), Option<u64>>>,
    locks: BTreeMap<Seat, Lock>,
    paid_at: u64,
    money: Option<(String, i64)>,
    refunded: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Restored,
    Revoked,
}

/// The last word about a licence key.
struct Key {
    key: Digest,
    status: LicenceStatus,
    expires_at: Option<u64>,
    /// Since when it is disabled.
    disabled: Option<u64>,
}

impl Judge {
    /// Takes the next fact.
    pub(super) fn take(&mut self, fact: &Fact) {
        match &fact.what {
            What::Order(order) => {
                if order.status == Status::Open {
                    return;
                }
                self.paid = true;
                if order.status > Status::Paid {
                    self.refunds.push((fact.at, order.status));
                }
                self.seats = self.seats.max(order.quantity);
                self.items.insert(order.item);
                self.references.extend(order.reference);
                self.number = self.number.take().or_else(|| order.number.clone());
                self.name(&order.initials, order.paid_at);
                if let (Some(currency), Some(total)) = (&order.currency, order.total) {
                    self.money = Some((currency.clone(), total));
                }
                self.refunded = self.refunded.max(order.refunded);
            }
            What::Granted(grant) => {
                self.paid = true;
                self.seats = self.seats.max(grant.seats);
                self.courses.extend(grant.courses.iter().cloned());
                self.name(&grant.initials, fact.at);
            }
            What::Licence(licence) => self.licence(licence, fact.at),
            What::Subscription(told) => {
                self.paid = true;
                self.seats = self.seats.max(told.quantity);
                self.subscriptions.insert(id(&told.subscription), told.clone());
            }
            What::Invoice(told) => self.invoice(told, fact.at),
            What::Revoked => self.author = self.author.max(Some((fact.at, Word::Revoked))),
            What::Restored => self.author = self.author.max(Some((fact.at, Word::Restored))),
            What::Locked { keep, seat } => {
                let lock = Lock { seat: *seat, at: fact.at, keep: *keep };
                self.locks.entry(*seat).and_modify(|known| *known = lock.max(*known)).or_insert(lock);
            }
        }
    }

    /// The first name that was told stays, so that the line in a buyer's copy does not change under him.
    fn name(&mut self, initials: &Initials, paid_at: u64) {
        if self.initials.as_ref().is_none_or(|known| known.as_str().is_empty()) {
            self.initials = Some(initials.clone());
        }
        if self.paid_at == 0 || (paid_at > 0 && paid_at < self.paid_at) {
            self.paid_at = paid_at;
        }
    }

    /// A key that was made anew keeps its id and so its seat.
    fn licence(&mut self, told: &LicenceKey, at: u64) {
        let since = self.licences.get(&id(&told.licence)).and_then(|known| known.disabled);
        let disabled = (told.status == LicenceStatus::Disabled).then(|| since.unwrap_or(at));
        let key = Key { key: told.key, status: told.status, expires_at: told.expires_at, disabled };
        self.licences.insert(id(&told.licence), key);
    }

    fn invoice(&mut self, told: &Invoice, at: u64) {
        let payments = self.payments.entry(id(&told.subscription)).or_default();
        let refunded = payments.entry((told.billed_at, id(&told.invoice))).or_default();
        if told.status > Status::Paid {
            *refunded = Some(refunded.map_or(at, |known| known.max(at)));
        }
    }

    /// True if the author opened the order again after that. A time that the provider did not give counts as long ago.
    fn is_undone(&self, at: u64) -> bool {
        self.author.is_some_and(|(restored, word)| word == Word::Restored && at <= restored)
    }

    fn state(&self, licences: &[Licence], now: u64) -> State {
        let refund = self.refunds.iter().filter(|(at, _)| !self.is_undone(*at)).map(|(_, status)| *status).max();
        // The best of the subscriptions counts, and so does the best of the keys; but each must let pass.
        let subscriptions = self.subscriptions.iter().map(|(id, told)| self.subscribed(id, told, now)).min();
        let keys = licences.iter().map(|key| key.state).min();
        match (self.author, refund) {
            _ if !self.paid => State::Pending,
            (Some((_, Word::Revoked)), _) => State::Revoked,
            (_, Some(Status::Fraudulent)) => State::Fraudulent,
            (_, Some(_)) => State::Refunded,
            _ => subscriptions.max(keys).unwrap_or(State::Active),
        }
    }

    fn subscribed(&self, id: &Id, told: &Subscription, now: u64) -> State {
        let newest = self.payments.get(id).and_then(|payments| payments.values().next_back().copied().flatten());
        match newest {
            _ if !told.is_running(now) => State::Expired,
            Some(at) if !self.is_undone(at) => State::Refunded,
            _ => State::Active,
        }
    }

    /// Keys of a subscription end with it, and not by themselves.
    fn opens(&self, key: &Key, now: u64) -> State {
        let over = key.status == LicenceStatus::Expired || key.expires_at.is_some_and(|end| end <= now);
        match key.disabled {
            Some(since) if !self.is_undone(since) => State::Revoked,
            _ if over && self.subscriptions.is_empty() => State::Expired,
            _ => State::Active,
        }
    }

    pub(super) fn entitlement(self, order: Option<&OrderRef>, now: u64) -> Entitlement {
        let licences: Vec<Licence> = self.licences.values().map(|key| Licence { key: key.key, state: self.opens(key, now) }).collect();
        let state = self.state(&licences, now);
        let ends: Option<Vec<u64>> = match self.subscriptions.is_empty() {
            true => self.licences.values().map(|key| key.expires_at).collect(),
            false => self.subscriptions.values().map(Subscription::end).collect(),
        };
        let display = display(order, self.number.as_deref(), &self.initials.unwrap_or_default());
        let (currency, total) = self.money.unzip();
        let subscribed: BTreeSet<Item> = self.subscriptions.values().map(|told| told.item).collect();
        Entitlement {
            state,
            seats: self.seats.max(u32::try_from(licences.len()).unwrap_or(u32::MAX)).max(1),
            display,
            items: if subscribed.is_empty() { self.items } else { subscribed },
            courses: self.courses,
            references: self.references,
            licences,
            locks: self.locks.into_values().collect(),
            expires_at: ends.and_then(|ends| ends.into_iter().max()),
            paid_at: self.paid_at,
            number: self.number,
            currency,
            total,
            refunded: self.refunded,
        }
    }
}

impl Subscription {
    /// Whether it gives anything at `now`. That a renewal is overdue closes nothing: the provider will say so.
    fn is_running(&self, now: u64) -> bool {
        match self.status {
            SubscriptionStatus::OnTrial | SubscriptionStatus::Active | SubscriptionStatus::PastDue => true,
            SubscriptionStatus::Paused => {
                self.pause.is_some_and(|pause| pause.mode == PauseMode::Free || pause.resumes_at.is_some_and(|end| end <= now))
            }
            SubscriptionStatus::Cancelled => self.end().is_none_or(|end| now < end),
            SubscriptionStatus::Unpaid | SubscriptionStatus::Expired => false,
        }
    }

    /// The end of what was paid, once it is not renewed any more.
    fn end(&self) -> Option<u64> {
        let ending = matches!(self.status, SubscriptionStatus::Cancelled | SubscriptionStatus::Expired);
        self.ends_at.or(self.renews_at).filter(|_| ending)
    }
}

fn id(text: &str) -> Id {
    (text.len(), text.to_owned())
}

/// `order …0042, T. B.`: the last four characters of the order's number, and the initials where there are any.
fn display(order: Option<&OrderRef>, number: Option<&str>, initials: &Initials) -> String {
    let Some(order) = order else { return String::new() };
    let what = if order.provider.as_str() == crate::pay::manual::PROVIDER { "copy" } else { "order" };
    let number = number.unwrap_or(order.order_id.as_str());
    let last: String = number.chars().skip(number.chars().count().saturating_sub(4)).collect();
    match initials.as_str() {
        "" => format!("{what} …{last}"),
        initials => format!("{what} …{last}, {initials}"),
    }
}
