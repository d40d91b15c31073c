//! Keyrings issued per second on one core, for a course of 2,048 positions: what one unlock costs the key server beside its look-ups.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use bookplate::protocol::{CourseId, Epoch, Keyring, OrderId, OrderRef, Params, Provider, Seat, SiteId, SiteKey};

const ROUNDS: u32 = 4_000;

fn main() {
    let key = SiteKey::from_bytes([7; 32]);
    let site = SiteId::parse("bench").expect("an id");
    let course = CourseId::parse("course").expect("an id");
    let params = Params::default();
    let start = Instant::now();
    let mut bytes = 0;
    for number in 0..ROUNDS {
        let order = OrderRef {
            provider: Provider::parse("lemon_squeezy").expect("a provider"),
            order_id: OrderId::parse(&number.to_string()).expect("an order id"),
        };
        let buyer = key.buyer(&site, &order, Seat(0));
        bytes += Keyring::issue(&key, &site, &course, Epoch(1), params, &buyer, "order …0042, A. L.").to_bytes().len();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "keyrings: {:.0} a second on one core, {} bytes each (target over 2,000)",
        f64::from(ROUNDS) / seconds,
        bytes / ROUNDS as usize
    );
}
