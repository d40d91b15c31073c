//! What a course's author is shown of its marks: every carrier in its sentence, both wordings side by side, and what they prove.
