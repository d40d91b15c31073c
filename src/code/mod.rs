//! Bias sets, scores and exact tails: the fingerprinting code as mathematics.
