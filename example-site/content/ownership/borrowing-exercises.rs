// Six small programs about borrowing. None of them compiles, and that is the exercise: say first which line the compiler
// will name, then make the program compile and keep its meaning. Copy one program at a time into src/main.rs.
// Solutions stand at the end of this file.

// 1. Two bars overlap. Which?
// Hint: the shared loan lasts until the last use of `first`.
fn exercise_1() {
    let mut names = vec![String::from("Ada"), String::from("Grace")];
    let first = &names[0];
    names.push(String::from("Barbara"));
    println!("{first} leads {} names", names.len());
}

// 2. The same, hidden in a loop.
// Hint: what does the loop hold on to, from its first turn to its last?
fn exercise_2() {
    let mut queue = vec![1, 2, 3];
    for job in &queue {
        if *job == 2 {
            queue.push(4);
        }
    }
    println!("{queue:?}");
}

// 3. Two exclusive loans of one vector.
// Hint: the standard library has a method that exchanges two elements.
fn exercise_3() {
    let mut row = vec!['a', 'b', 'c'];
    let left = &mut row[0];
    let right = &mut row[2];
    std::mem::swap(left, right);
    println!("{row:?}");
}

// 4. Change the signature of `total`, and the call to fit.
// Hint: does it keep the prices, or does it look at them?
fn total(prices: Vec<u32>) -> u32 {
    prices.iter().sum()
}
fn exercise_4() {
    let prices = vec![3, 4, 5];
    println!("{} for {} things", total(prices), prices.len());
}

// 5. Change only the signature of `add_tax`.
// Hint: it changes the caller's list in place.
fn add_tax(prices: &Vec<u32>) {
    for price in prices.iter_mut() {
        *price += *price / 5;
    }
}
fn exercise_5() {
    let mut prices = vec![10, 20];
    add_tax(&mut prices);
    println!("{prices:?}");
}

// 6. Two cures are possible. Which one would you rather read in a year?
// Hint: either keep something that is not a reference, or let the loan end earlier.
fn exercise_6() {
    let mut log = vec![String::from("start")];
    let last = &log[log.len() - 1];
    log.push(format!("after {last}"));
    println!("{last} / {log:?}");
}

// ---------------------------------------------------------------------------------------------------------------------
// Solutions
//
// 1. The bar of `first` begins at `&names[0]` and ends at the println; the push lies inside. Keep a value instead:
//        let first = names[0].clone();
//
// 2. The loop keeps a shared loan of `queue` for all its turns. Find out first, change afterwards:
//        if queue.contains(&2) { queue.push(4); }
//
// 3. row.swap(0, 2);
//
// 4. fn total(prices: &[u32]) -> u32, called as total(&prices)
//
// 5. fn add_tax(prices: &mut [u32])
//
// 6. Keep a value:        let last = log[log.len() - 1].clone();
//    End the loan early:  let line = format!("after {}", log[log.len() - 1]); log.push(line);
//    then print log[0] instead of `last`. The first is shorter, the second says that nothing else was needed.
