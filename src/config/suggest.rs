//! Did you mean?

/// The name of `known` that `typed` most likely stands for: at most a third of its letters differ.
#[must_use]
pub fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let typed: Vec<char> = typed.to_lowercase().chars().take(64).collect();
    known
        .iter()
        .map(|name| (distance(&typed, &name.chars().collect::<Vec<_>>()), *name))
        .filter(|(d, name)| *d <= (name.chars().count().max(typed.len()) / 3).max(1))
        .min()
        .map(|(_, name)| name)
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_recognised_and_another_word_is_not() {
        let known = ["title", "access", "order"];
        assert_eq!(nearest("acess", &known), Some("access"));
        assert_eq!(nearest("tilte", &known), Some("title"));
        assert_eq!(nearest("Order", &known), Some("order"));
        assert_eq!(nearest("category", &known), None);
    }
}
