//! After a full refund, the order's licence keys are switched off at the provider, who leaves them on. In the background: the webhook was
//! stored and is answered whatever comes of it. What fails here, `orders reconcile` does again.

use super::state::State;
use crate::outbound::disable_licences;
use crate::pay::Status;
use crate::protocol::OrderRef;
use crate::store::{self, Fact, What};

impl State {
    /// Begins that if a new fact is the full refund of an order, the author did not open it again, and there is an API key.
    pub(super) fn disable_if_refunded(&self, fact: &Fact) {
        let What::Order(told) = &fact.what else { return };
        if told.status <= Status::Paid || self.0.api_key.is_none() {
            return;
        }
        let (state, order) = (self.clone(), fact.order.clone());
        // A thread of its own: the threads that answer readers may all be waiting for this provider.
        let begun = std::thread::Builder::new().name(String::from("disable")).spawn(move || state.disable(&order));
        if let Err(error) = begun {
            tracing::error!(%error, "no thread to switch off licence keys");
        }
    }

    fn disable(&self, order: &OrderRef) {
        let Some(key) = &self.0.api_key else { return };
        let Ok(facts) = self.0.store.facts(order) else { return };
        if !store::is_paid_back(&facts, self.now()) {
            return;
        }
        match disable_licences(&*self.0.outbound, key, order.order_id.as_str()) {
            Ok(keys) => tracing::info!(%order, keys, "licence keys switched off"),
            Err(error) => tracing::warn!(%order, %error, "licence keys may still be on"),
        }
    }
}
