"""Text below all stages: encodings, languages, Chinese scripts, numerals, sentences, dates."""
