//! Keys, sealed files, keyrings, tokens and codes: the whole of the protocol and only that. Twin of `src/web/protocol.js`.
