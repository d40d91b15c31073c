//! What the site sells, for everything outside the site.

use super::{Seals, seal};
use crate::catalog::{Catalog, Course, Product, VERSION};
use crate::diag::{Diagnostic, Diagnostics};
use crate::edition::{self, Edition};
use crate::protocol::{CourseId, Epoch, Provider, SiteId};

/// The catalog of an edition: its courses that have something sealed, or products.
pub(super) fn catalog(edition: &Edition, seals: Option<&Seals>, preview: bool) -> Result<Catalog, Diagnostics> {
    let site = &edition.site;
    let id = SiteId::parse(&site.id).map_err(|e| problem("bookplate.yaml", &format!("the site's id: {e}")))?;
    let courses = edition.courses.iter().filter(|course| sold(course)).map(|course| entry(edition, course)).collect::<Result<_, _>>()?;
    Ok(Catalog {
        version: VERSION,
        key: seals.map(|seals| seals.key.fingerprint(&id)),
        site: id,
        origin: site.url.clone(),
        base: site.base.clone(),
        endpoint: site.endpoint.clone(),
        preview,
        courses,
    })
}

/// True if there is something to open.
pub(super) fn sold(course: &edition::Course) -> bool {
    !course.products.is_empty() || course.lessons().iter().any(|l| l.body.sealed.is_some())
}

fn entry(edition: &Edition, course: &edition::Course) -> Result<Course, Diagnostics> {
    let file = course.intro_source.as_deref().unwrap_or(&course.dir);
    let products = course
        .products
        .iter()
        .map(|product| {
            let provider = Provider::parse(&product.provider).map_err(|e| problem(file, &format!("the provider's name: {e}")))?;
            let store = edition.site.lemon_squeezy_store.ok_or_else(|| {
                let message = format!("the course `{}` has products, and the settings do not name the store that sells them", course.id);
                let hint = "write `payments: { lemon_squeezy: { store: NUMBER } }` into bookplate.yaml";
                Diagnostics::from_iter([Diagnostic::error("site/no-store", message).in_file(file).hint(hint)])
            })?;
            Ok(Product { provider, store, product: product.product, variant: product.variant })
        })
        .collect::<Result<_, Diagnostics>>()?;
    Ok(Course {
        id: CourseId::parse(&course.id).map_err(|e| problem(file, &format!("the course's id: {e}")))?,
        title: course.title.get().clone(),
        url: course.url.clone(),
        epochs: course.epochs.iter().copied().map(Epoch).collect(),
        sealed: course.epochs.iter().any(|epoch| *epoch > course.epoch).then_some(Epoch(course.epoch)),
        rotated: course.rotated,
        params: seal::params(course),
        rules: course.marks.rules.filter(|_| course.marks.on).unwrap_or(0),
        products,
    })
}

fn problem(file: &str, message: &str) -> Diagnostics {
    [Diagnostic::error("site/id", message.to_owned()).in_file(file)].into_iter().collect()
}
