//! `POST /refresh`: a token becomes the keyring of a course's current epoch.

use axum::extract::{Request, State as Extract};
use serde::Deserialize;

use super::answer::{Answer, Refusal, on_thread};
use super::intake::{self, TEXT_MAX};
use super::open::{Open, Opened};
use super::state::State;
use crate::protocol::CourseId;

#[derive(Deserialize)]
struct Asked {
    token: String,
    course: String,
}

pub(super) async fn handle(Extract(state): Extract<State>, request: Request) -> Answer<Opened> {
    let asked: Asked = intake::call(&state, request).await?;
    if asked.course.len() > TEXT_MAX {
        return Err(Refusal::Malformed);
    }
    let course = CourseId::parse(&asked.course).map_err(|_| Refusal::Malformed)?;
    on_thread(move || state.refresh(&asked.token, &course)).await
}

impl State {
    fn refresh(&self, token: &str, course: &CourseId) -> Result<Opened, Refusal> {
        let (now, shelf) = (self.now(), self.shelf());
        let (token, digest, entitlement) = self.bearer(&shelf, token, now)?;
        let courses = entitlement.opens(&token.order, &shelf.catalog);
        let course = courses.iter().find(|known| known.id == *course).ok_or(Refusal::Course)?;
        let half = token.issued_at.midpoint(token.expires_at);
        let renewed = if now > half { Some(self.token(&shelf, &token.order, token.seat, now)?) } else { None };
        self.0.store.touch(&token.order, token.seat, digest, renewed.as_ref().map(|(_, digest)| *digest), now)?;
        let keys = self.keys(&shelf, course, &token.order, token.seat, &entitlement.display);
        tracing::info!(order = %token.order, seat = token.seat.0, "refreshed");
        let token = renewed.map(|(text, _)| text);
        Ok(Opened { token, courses: Open::all(&courses), display: entitlement.display, keys: Some(keys) })
    }
}
