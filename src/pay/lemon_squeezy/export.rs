//! Tables of orders that Lemon Squeezy exports.
//!
//! The columns of this export are not documented; those of the export of subscribers are, and they are the names of the API in lower case
//! with `_` (<https://docs.lemonsqueezy.com/help/email/exporting-subscribers>). So a table of orders is read by the API's names, and one
//! that lacks the order's id is refused with the reason.

/// Where a table has what is needed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// The id of the order, as webhooks have it.
    pub order_id: usize,
    /// How many were bought.
    pub quantity: Option<usize>,
}

/// The columns that are looked at, in lower case with `_` for spaces.
pub const NAMES: [&str; 5] = ["order_id", "id", "quantity", "item_quantity", "first_order_item_quantity"];

/// Why a table is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoExport {
    /// Not a table of Lemon Squeezy's.
    Foreign,
    /// It names its orders by number or reference alone. Copies are made for the id, which is another number.
    NoId,
}

/// Finds the columns by their names: lower case, `_` for spaces.
///
/// # Errors
/// See [`NoExport`].
pub fn columns(header: &[String]) -> Result<Columns, NoExport> {
    let column = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|known| known == name));
    if column(&["order_number", "identifier", "store_id"]).is_none() {
        return Err(NoExport::Foreign);
    }
    let order_id = column(&["order_id", "id"]).ok_or(NoExport::NoId)?;
    Ok(Columns { order_id, quantity: column(&["quantity", "item_quantity", "first_order_item_quantity"]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_names_and_a_number_is_no_id() {
        let find = |names: &str| columns(&names.split(',').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(find("id,store_id,identifier,order_number,quantity"), Ok(Columns { order_id: 0, quantity: Some(4) }));
        assert_eq!(find("order_number,id,order_id"), Ok(Columns { order_id: 2, quantity: None }));
        assert_eq!(find("identifier,order_number,user_email"), Err(NoExport::NoId));
        assert_eq!(find("id,name,email"), Err(NoExport::Foreign));
    }
}
