//! What is played: a whole shop as data. Each line says what happens, and what the endpoint must answer.

use super::Standing::{self, Active, Cancelled, Expired, OnTrial, PastDue, PausedFree, PausedVoid, Unpaid};

/// A story of one or two orders.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Its name in the table.
    pub name: &'static str,
    /// The claim that came through each order's checkout link, by number; `None` for a purchase without our link.
    pub claims: &'static [Option<usize>],
    /// How many copies each order is for.
    pub quantity: u32,
    /// What happens, in this order.
    pub acts: Vec<(&'static str, Act, &'static str)>,
}

/// One thing that happens. Numbers of orders count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The provider sends a message about an order.
    Hook(usize, Event),
    /// The same, and something is wrong with it.
    Hurt(usize, Event, Harm),
    /// The same message arrives so many times at once.
    Race(usize, Event, usize),
    /// A browser asks with a claim and the reference of an order.
    Claim(usize, usize),
    /// A browser asks with the licence key of one of an order's copies.
    Licence(usize, u32),
    /// The same key, typed in lower case with spaces around it.
    Typed(usize, u32),
    /// A browser asks with something that is no code.
    Nonsense,
    /// The daily question of the browser that was let in last.
    Refresh,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The order was begun and not paid.
    Begun,
    /// The order was paid, 50 days ago.
    Paid,
    /// So much of a hundred was refunded, a minute ago.
    Refunded(i64),
    /// It was taken back as fraudulent.
    Fraud,
    /// The licence key of one of its copies was mailed.
    Key(u32),
    /// A subscription: the event, where it stands, when that came to be and when it ends, in days from now.
    Sub(&'static str, Standing, i64, Option<i64>),
    /// A payment of it: the event, its number, whether it was made, how much of a hundred was refunded, when, in days from now.
    Pay(&'static str, u32, bool, i64, i64),
    /// Something that concerns nobody.
    Other,
}

/// What may be wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// One byte of the body is another.
    Flipped,
    /// The body ends early.
    Cut,
    /// Read and written again: the same JSON in other bytes.
    Rewritten,
    /// No signature.
    Unsigned,
    /// Half a signature.
    Short,
    /// A signature with letters beyond ASCII.
    Foreign,
    /// Signed with another secret.
    Forged,
    /// Signed, and no event.
    NoEvent,
    /// Signed, and longer than a message may be.
    Long,
    /// To a provider that nobody set up.
    Elsewhere,
    /// Of another shop at the provider.
    OtherShop,
    /// Of a product that no course lists.
    OtherProduct,
    /// Of real money, at an endpoint for tests.
    RealMoney,
}

/// The whole rehearsal.
#[must_use]
pub fn scenes() -> Vec<Scene> {
    vec![buying(), twice(), keys(), refund(), partial(), fraud(), disorder(), subscription(), pausing(), money_back(), planted(), damaged()]
}

fn scene(name: &'static str, claims: &'static [Option<usize>], acts: Vec<(&'static str, Act, &'static str)>) -> Scene {
    Scene { name, claims, quantity: 1, acts }
}

const ONE: &[Option<usize>] = &[Some(0)];

fn buying() -> Scene {
    use Act::{Claim, Hook, Refresh};
    scene(
        "buy",
        ONE,
        vec![
            ("back from the checkout, the message is late", Claim(0, 0), "202 pending"),
            ("the order is begun", Hook(0, Event::Begun), "200 stored"),
            ("still nothing is paid", Claim(0, 0), "202 pending"),
            ("the message arrives", Hook(0, Event::Paid), "200 stored"),
            ("the claim opens", Claim(0, 0), "200 copy 1"),
            ("the next day", Refresh, "200 copy 1"),
            ("a week later, on another device", Claim(0, 0), "200 copy 1"),
        ],
    )
}

fn twice() -> Scene {
    use Act::{Claim, Hook, Licence};
    scene(
        "buy twice",
        &[Some(0), Some(0), Some(1)],
        vec![
            ("paid", Hook(0, Event::Paid), "200 stored"),
            ("paid again through the same link", Hook(1, Event::Paid), "200 stored"),
            ("paid again through a new link", Hook(2, Event::Paid), "200 stored"),
            ("the claim opens the first order", Claim(0, 0), "200 copy 1"),
            ("and not the second", Claim(0, 1), "202 pending"),
            ("whose licence key is mailed", Hook(1, Event::Key(0)), "200 stored"),
            ("and opens it", Licence(1, 0), "200 copy 2"),
            ("the new link's claim opens the third", Claim(1, 2), "200 copy 3"),
        ],
    )
}

fn keys() -> Scene {
    use Act::{Hook, Licence, Refresh, Typed};
    Scene {
        quantity: 2,
        ..scene(
            "licence keys, two copies, no link of ours",
            &[None],
            vec![
                ("paid", Hook(0, Event::Paid), "200 stored"),
                ("the first key is mailed", Hook(0, Event::Key(0)), "200 stored"),
                ("the second key is mailed", Hook(0, Event::Key(1)), "200 stored"),
                ("the first key opens", Licence(0, 0), "200 copy 1"),
                ("the second opens another copy", Licence(0, 1), "200 copy 2"),
                ("typed in lower case", Typed(0, 0), "200 copy 1"),
                ("the next day", Refresh, "200 copy 1"),
            ],
        )
    }
}

fn refund() -> Scene {
    use Act::{Claim, Hook, Refresh};
    scene(
        "refund",
        ONE,
        vec![
            ("paid", Hook(0, Event::Paid), "200 stored"),
            ("the claim opens", Claim(0, 0), "200 copy 1"),
            ("refunded", Hook(0, Event::Refunded(100)), "200 stored"),
            ("the next day", Refresh, "403 refunded"),
            ("the claim again", Claim(0, 0), "403 refunded"),
            ("the payment is replayed", Hook(0, Event::Paid), "200 duplicate"),
            ("which opens nothing", Claim(0, 0), "403 refunded"),
        ],
    )
}

fn partial() -> Scene {
    use Act::{Claim, Hook, Refresh};
    scene(
        "partial refund",
        ONE,
        vec![
            ("paid", Hook(0, Event::Paid), "200 stored"),
            ("the claim opens", Claim(0, 0), "200 copy 1"),
            ("a third is refunded", Hook(0, Event::Refunded(30)), "200 stored"),
            ("the next day", Refresh, "200 copy 1"),
            ("the rest is refunded", Hook(0, Event::Refunded(100)), "200 stored"),
            ("the day after", Refresh, "403 refunded"),
        ],
    )
}

fn fraud() -> Scene {
    use Act::{Claim, Hook};
    scene(
        "fraud",
        ONE,
        vec![
            ("paid", Hook(0, Event::Paid), "200 stored"),
            ("taken back as fraudulent", Hook(0, Event::Fraud), "200 stored"),
            ("the claim is refused", Claim(0, 0), "403 refunded"),
        ],
    )
}

fn disorder() -> Scene {
    use Act::{Claim, Hook, Licence, Race};
    scene(
        "out of order, late, several times at once",
        &[Some(0), Some(1)],
        vec![
            ("the refund comes first", Hook(0, Event::Refunded(100)), "200 stored"),
            ("then its key", Hook(0, Event::Key(0)), "200 stored"),
            ("then the payment", Hook(0, Event::Paid), "200 stored"),
            ("the claim is refused", Claim(0, 0), "403 refunded"),
            ("and so is the key", Licence(0, 0), "403 refunded"),
            ("a payment arrives four times at once", Race(1, Event::Paid, 4), "1 stored, 3 duplicate"),
            ("and opens once", Claim(1, 1), "200 copy 1"),
        ],
    )
}

fn subscription() -> Scene {
    use Act::{Claim, Hook, Licence, Refresh};
    use Event::{Pay, Sub};
    scene(
        "subscription",
        ONE,
        vec![
            ("the order", Hook(0, Event::Paid), "200 stored"),
            ("its trial begins", Hook(0, Sub("subscription_created", OnTrial, -50, None)), "200 stored"),
            ("the trial opens", Claim(0, 0), "200 copy 1"),
            ("its key is mailed", Hook(0, Event::Key(0)), "200 stored"),
            ("the first payment", Hook(0, Pay("subscription_payment_success", 0, true, 0, -40)), "200 stored"),
            ("it is active", Hook(0, Sub("subscription_updated", Active, -40, None)), "200 stored"),
            ("the renewal", Hook(0, Pay("subscription_payment_success", 1, true, 0, -30)), "200 stored"),
            ("is open", Refresh, "200 copy 1"),
            ("a payment fails, which says nothing yet", Hook(0, Pay("subscription_payment_failed", 2, false, 0, -20)), "200 ignored"),
            ("it is past due", Hook(0, Sub("subscription_updated", PastDue, -20, None)), "200 stored"),
            ("and stays open meanwhile", Refresh, "200 copy 1"),
            ("the payment succeeds", Hook(0, Pay("subscription_payment_recovered", 2, true, 0, -15)), "200 stored"),
            ("it is active again", Hook(0, Sub("subscription_updated", Active, -15, None)), "200 stored"),
            ("is open", Refresh, "200 copy 1"),
            ("cancelled, with days left", Hook(0, Sub("subscription_cancelled", Cancelled, -10, Some(5))), "200 stored"),
            ("and stays open until then", Refresh, "200 copy 1"),
            ("resumed", Hook(0, Sub("subscription_resumed", Active, -9, None)), "200 stored"),
            ("all tries of a payment failed", Hook(0, Sub("subscription_updated", Unpaid, -8, None)), "200 stored"),
            ("closed", Refresh, "403 expired"),
            ("paid after all", Hook(0, Sub("subscription_updated", Active, -7, None)), "200 stored"),
            ("open again", Claim(0, 0), "200 copy 1"),
            ("expired", Hook(0, Sub("subscription_expired", Expired, -1, Some(-1))), "200 stored"),
            ("closed", Refresh, "403 expired"),
            ("its key, too", Licence(0, 0), "403 expired"),
            ("an older message comes late", Hook(0, Sub("subscription_updated", Active, -6, None)), "200 stored"),
            ("and opens nothing", Claim(0, 0), "403 expired"),
        ],
    )
}

fn pausing() -> Scene {
    use Act::{Claim, Hook};
    use Event::Sub;
    scene(
        "a paused subscription",
        ONE,
        vec![
            ("the order", Hook(0, Event::Paid), "200 stored"),
            ("active", Hook(0, Sub("subscription_created", Active, -50, None)), "200 stored"),
            ("paused, and goes on giving", Hook(0, Sub("subscription_paused", PausedFree, -40, None)), "200 stored"),
            ("open", Claim(0, 0), "200 copy 1"),
            ("paused, and gives nothing", Hook(0, Sub("subscription_paused", PausedVoid, -30, None)), "200 stored"),
            ("closed", Claim(0, 0), "403 expired"),
        ],
    )
}

fn money_back() -> Scene {
    use Act::{Claim, Hook};
    use Event::{Pay, Sub};
    scene(
        "a subscription's payment is refunded",
        ONE,
        vec![
            ("the order", Hook(0, Event::Paid), "200 stored"),
            ("active", Hook(0, Sub("subscription_created", Active, -50, None)), "200 stored"),
            ("the renewal", Hook(0, Pay("subscription_payment_success", 1, true, 0, -20)), "200 stored"),
            ("a part of it is refunded", Hook(0, Pay("subscription_payment_refunded", 1, true, 40, -10)), "200 stored"),
            ("open", Claim(0, 0), "200 copy 1"),
            ("all of it is refunded", Hook(0, Pay("subscription_payment_refunded", 1, true, 100, -9)), "200 stored"),
            ("closed", Claim(0, 0), "403 refunded"),
            ("the next payment is made", Hook(0, Pay("subscription_payment_success", 2, true, 0, -5)), "200 stored"),
            ("open", Claim(0, 0), "200 copy 1"),
        ],
    )
}

fn planted() -> Scene {
    use Act::{Claim, Hook, Licence};
    scene(
        "a checkout link with a stranger's claim in it",
        &[Some(0), Some(1)],
        vec![
            ("somebody pays through the planted link", Hook(0, Event::Paid), "200 stored"),
            ("the stranger buys, too", Hook(1, Event::Paid), "200 stored"),
            ("the stranger's claim with no reference of the victim's", Claim(0, 1), "202 pending"),
            ("the stranger's own order opens", Claim(1, 1), "200 copy 1"),
            ("the victim's key is mailed", Hook(0, Event::Key(0)), "200 stored"),
            ("and opens the victim's own copy", Licence(0, 0), "200 copy 2"),
        ],
    )
}

fn damaged() -> Scene {
    use Act::{Claim, Hook, Hurt, Nonsense};
    let hurt = |harm| Hurt(0, Event::Paid, harm);
    scene(
        "messages that are not right",
        ONE,
        vec![
            ("one byte is another", hurt(Harm::Flipped), "401 signature"),
            ("cut off", hurt(Harm::Cut), "401 signature"),
            ("read and written again", hurt(Harm::Rewritten), "401 signature"),
            ("without a signature", hurt(Harm::Unsigned), "401 signature"),
            ("half a signature", hurt(Harm::Short), "401 signature"),
            ("a signature beyond ASCII", hurt(Harm::Foreign), "401 signature"),
            ("signed with another secret", hurt(Harm::Forged), "401 signature"),
            ("signed, and no event", hurt(Harm::NoEvent), "400 malformed"),
            ("longer than a message may be", hurt(Harm::Long), "413 large"),
            ("to a provider that nobody set up", hurt(Harm::Elsewhere), "404 unknown"),
            ("of another shop", hurt(Harm::OtherShop), "200 ignored"),
            ("of a product that no course lists", hurt(Harm::OtherProduct), "200 ignored"),
            ("of real money", hurt(Harm::RealMoney), "200 ignored"),
            ("of an event that concerns nobody", Hook(0, Event::Other), "200 ignored"),
            ("none of them opened anything", Claim(0, 0), "202 pending"),
            ("and neither does nonsense", Nonsense, "404 unknown"),
            ("the right one arrives", Hook(0, Event::Paid), "200 stored"),
            ("and opens", Claim(0, 0), "200 copy 1"),
        ],
    )
}
