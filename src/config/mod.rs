//! `bookplate.yaml`: as typed, then checked.
